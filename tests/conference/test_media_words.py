"""What people call a medium is understood wherever they may type it."""

from __future__ import annotations

import pytest

from meshconf.conference.media_words import WORDS, medium_called
from meshconf.types import Medium


@pytest.mark.parametrize("medium", Medium)
def test_each_word_for_a_medium_means_it(medium: Medium) -> None:
    words = WORDS[medium]
    for word in (medium.value, words.word, *words.aliases):
        assert medium_called(word) is medium_called(word.upper()) is medium


def test_no_word_means_two() -> None:
    words = [word for medium, each in WORDS.items() for word in {medium.value, each.word, *each.aliases}]
    assert len(set(words)) == len(words)
    with pytest.raises(ValueError, match="no such"):
        medium_called("smoking")
