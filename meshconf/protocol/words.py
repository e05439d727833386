"""The 1296 words of spoken codes: short, common, and no two of them one typing error apart.

Their first four letters tell all of them apart. The list is part of the wire format: two versions that disagree on
it still understand each other's codes, but one of them would complain about a word of the other.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files

_FILE = "words.txt"


@cache
def word_list() -> tuple[str, ...]:
    """All words in alphabetical order."""
    return tuple(files(__package__).joinpath(_FILE).read_text(encoding="ascii").split())


@cache
def word_set() -> frozenset[str]:
    """The same words, to ask whether one is among them."""
    return frozenset(word_list())


def complete_words(prefix: str) -> list[str]:
    """Return the words that begin with `prefix` in any case, in alphabetical order."""
    wanted = prefix.lower()
    return [word for word in word_list() if word.startswith(wanted)]


def nearest_words(word: str) -> list[str]:
    """Return up to three words that somebody who typed `word` may have meant, the likeliest first."""
    near = difflib.get_close_matches(word[:20].lower(), word_list(), n=3, cutoff=0.6)
    return near or complete_words(word[:3])[:3]


def phrase(digest: bytes, count: int) -> tuple[str, ...]:
    """Spell the number in `digest` as `count` words, each worth 10.3 bits.

    The digest must be at least eight bytes longer than the words can say, so that every phrase is equally likely.
    """
    words = word_list()
    number = int.from_bytes(digest, "big")
    spelled = []
    for _ in range(count):
        number, index = divmod(number, len(words))
        spelled.append(words[index])
    return tuple(spelled)
