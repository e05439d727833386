"""Both themes can be read."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from meshconf.tui.theme import PAPER, SLATE


def contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it: 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [part / 255 for part in Color.parse(colour).rgb]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [SLATE, PAPER], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", ["background", "panel"])
def test_words_stand_out_from_their_ground(theme: Theme, ground: str) -> None:
    under = str(getattr(theme, ground))
    words = {name: str(getattr(theme, name)) for name in ("foreground", "primary", "accent", "error", "success")}
    words["secondary"] = str(theme.secondary)
    words["quiet"] = theme.variables["quiet"]
    poor = {name: round(contrast(colour, under), 1) for name, colour in words.items() if contrast(colour, under) < 4.5}
    assert not poor
    assert contrast(theme.variables["faint"], under) >= 3.0
