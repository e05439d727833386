"""Every end of a meeting has its sentence and its exit code."""

from __future__ import annotations

import pytest

from meshconf.conference.endings import exit_code, sentence
from meshconf.types import Ending

CODES = {Ending.REMOVED: 4, Ending.STRANDED: 5, Ending.DEVICE: 6, Ending.INTERRUPTED: 130}


@pytest.mark.parametrize("ending", Ending)
def test_each_is_told_in_words_of_its_own_and_has_a_code(ending: Ending) -> None:
    assert exit_code(ending) == CODES.get(ending, 0)
    said = sentence(ending, "Tea")
    assert said.endswith(".") and "Tea" in said and f": {ending}." not in said
    assert sentence(ending)[0].isupper() and "the meeting" in sentence(ending).lower()


@pytest.mark.parametrize(
    ("ending", "title", "said"),
    [
        ("ended", "tea", "tea is over: it was ended for all."),
        ("ended", "", "The meeting is over: it was ended for all."),
        ("", "", "The meeting is over."),
        ("fl\x1book{0}", "T\x1bea {why}", "Tea {why} is over: flook{0}."),
    ],
)
def test_titles_stay_as_they_are_and_words_of_newer_engines_are_shown(ending: str, title: str, said: str) -> None:
    assert sentence(ending, title) == said
    assert exit_code("flood") == 0
