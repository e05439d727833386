"""Tables as people read them, in Markdown, and the places in a document where they belong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass
class Table:
    """One table of figures."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)
    samples: Any = None
    """Every single measurement behind it, as JSON takes it."""

    def markdown(self) -> str:
        """Title, table, notes."""
        widths = [max(len(row[n]) for row in (self.columns, *self.rows)) for n in range(len(self.columns))]
        lines = [_line(self.columns, widths), _line(["-" * width for width in widths], widths)]
        lines += [_line(row, widths) for row in self.rows]
        return "\n".join([f"**{self.title}**", "", *lines, *(f"\n{note}" for note in self.notes)]) + "\n"

    def as_json(self) -> dict[str, Any]:
        """For the results' file."""
        return asdict(self)


def figure(values: Sequence[float | None], digits: int = 2, unit: str = "") -> str:
    """The median of what is known, or a dash."""
    known = [value for value in values if value is not None]
    return f"{median(known):.{digits}f}{unit}" if known else "–"


def brief(sample: Any) -> str:
    """A sample, which is a dataclass, in a line: each figure by its name, of many their median."""
    return ", ".join(_brief(asdict(sample)))


def heading(machine: dict[str, Any]) -> str:
    """Where and when the figures were taken."""
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"{machine['date']}, commit {machine['commit']}; {machine['processor']}, {machine['cores']} cores, "
        f"{machine['system']}; Python {machine['python']}, {packages}; {machine['chromium'] or 'no Chromium'}; "
        f"load at the start {machine['load'][0]:.2f}.\n"
    )


def others(samples: Any) -> str:
    """How busy the machine was with other things during these measurements: figures are worth less the busier."""
    found = list(_others(samples))
    if not found:
        return ""
    took = f"{median(found):.2f} CPU seconds a second (at most {max(found):.2f})"
    return f"Meanwhile other programs of the machine took {took}."


def put_into(document: str, name: str, text: str) -> str:
    """A document with the part called `name` replaced; appended where there is none yet.

    A part stands between two comments, `<!-- NAME -->` and `<!-- /NAME -->`.
    """
    part = f"<!-- {name} -->\n{text}<!-- /{name} -->"
    pattern = re.compile(rf"<!-- {re.escape(name)} -->.*?<!-- /{re.escape(name)} -->", re.DOTALL)
    if pattern.search(document):
        return pattern.sub(lambda _: part, document, count=1)
    return document.rstrip("\n") + f"\n\n{part}\n"


def _brief(fields: dict[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from (f"{name} {part}" for part in _brief(value))
        elif name != "others_cpu" and (numbers := list(_numbers(value))):
            middle = median(numbers)
            text = f"{middle:.0f}" if abs(middle) >= 1000 else f"{middle:.3g}"
            yield f"{name} {text}" + (f" (of {len(numbers)})" if len(numbers) > 1 else "")


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _numbers(one)


def _others(samples: Any) -> Iterator[float]:
    if isinstance(samples, dict):
        for name, value in samples.items():
            if name == "others_cpu":
                yield value
            else:
                yield from _others(value)
    elif isinstance(samples, list | tuple):
        for value in samples:
            yield from _others(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
