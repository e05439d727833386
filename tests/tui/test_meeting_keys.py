"""What the help page and the README say of keys is what the meeting page listens to."""

from __future__ import annotations

import re
from pathlib import Path

from meshconf.tui.screens.help import _KEYS
from meshconf.tui.screens.meeting_keys import MEETING_KEYS
from tests.tui.fakes import BOB
from tests.tui.stage import meeting, until, until_text

_SIGNS = {"question_mark": "?", "up": "↑", "plus": "+", "minus": "-"}
_NARROW = 60
"""Columns in which the footer must fit."""


def told() -> set[str]:
    """The keys of the page, as people are told of them: of several that do the same, the first."""
    firsts = {binding.key.split(",")[0] for binding in MEETING_KEYS} - {"escape"}
    return {_SIGNS.get(key, key) for key in firsts}


def test_the_help_page_names_every_key() -> None:
    named = {word for keys, _ in _KEYS for word in keys.split()} | {"?"}  # the key that opened it
    assert told() - {"ctrl+n"} - named == set()
    assert "ctrl+y  +n" in [keys for keys, _ in _KEYS]


def test_the_readme_names_every_key() -> None:
    table = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").partition("| key | does |")[2]
    rows = table.partition("\n\n")[0].splitlines()
    named = {key for row in rows if row for key in re.findall(r"`(.+?)`", row.split("|")[1])}
    assert told() - named == set()
    assert "ctrl+r" in named


def test_the_footer_fits_a_narrow_terminal() -> None:
    shown = [binding for binding in MEETING_KEYS if binding.show and binding.action not in ("rest", "pictures")]
    words = [f" {binding.key_display or binding.key} {binding.description}" for binding in shown]
    assert len("".join([*words, " ^q Quit "])) <= _NARROW


async def test_a_volume_of_nobody_asks_for_somebody_and_the_next_key_works() -> None:
    async with meeting(pause_s=60.0) as (app, pilot, engine):
        await pilot.press("plus", "minus", "down", "plus")
        await pilot.pause()
        await until_text(app, lambda text: "Louder or softer: whom?" in text and "press t first" not in text)
        assert engine.said() == [], "the first row is our own"
        await pilot.press("down", "plus")
        await until(lambda: engine.said() == [{"do": "volume", "peer": BOB, "gain_db": 3.0}])
        await pilot.press("h")
        await until(lambda: engine.said()[-1] == {"do": "hand", "up": True})
