"""A terminal just good enough to say what cells a text with colours leaves behind (ECMA-48, 8.3.117)."""

from __future__ import annotations

import re

Colour = tuple[int, ...] | None
"""Red, green, blue; or a number of the palette; None is the terminal's own."""
Cell = tuple[str, Colour, Colour]
"""Character, ink and ground."""

_PIECE = re.compile(r"\x1b\[([0-9;]*)m|(.)", re.DOTALL)


def cells(text: str) -> list[Cell]:
    """The cells that a text fills; the terminal must be in its normal style again at the end."""
    found: list[Cell] = []
    ink: Colour = None
    ground: Colour = None
    for match in _PIECE.finditer(text):
        if match[2] is not None:
            assert match[2] >= " ", f"a control character: {match[2]!r}"
            found.append((match[2], ink, ground))
            continue
        codes = [int(code) for code in match[1].split(";")]
        while codes:
            layer = codes.pop(0)
            if layer == 0:
                ink = ground = None
                continue
            assert layer in (38, 48), f"another style: {layer}"
            length = {2: 3, 5: 1}[codes.pop(0)]
            colour, codes = tuple(codes[:length]), codes[length:]
            assert len(colour) == length and all(0 <= value <= 255 for value in colour)
            ink, ground = (colour, ground) if layer == 38 else (ink, colour)
    assert ink is ground is None, "the style is left as it was"
    return found


def halves(text: str) -> list[tuple[Colour, Colour]]:
    """Upper and lower colour of each cell of a picture."""
    return [(ink if character == "▀" else ground, ground) for character, ink, ground in cells(text)]
