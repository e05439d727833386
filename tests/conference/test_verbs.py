"""The table of verbs: every one of them means something that the engine reads, and says how it is written."""

from __future__ import annotations

import json

import pytest

from meshconf.conference.commands import parse
from meshconf.conference.verb_grammar import Slot, Verb, find, read
from meshconf.conference.verbs import VERBS
from meshconf.errors import UsageError

_EXAMPLES = {Slot.PERSON: "Ada", Slot.WAITING: "Eve", Slot.TEXT: "hello", Slot.DECIBELS: "-6", Slot.DEVICE: "test"} | {
    Slot.TIME: "1:30",
    Slot.PATH: "song.ogg",
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.word)
def test_every_verb_with_all_its_places_is_a_command_of_the_control_api(verb: Verb) -> None:
    words = [_EXAMPLES.get(place.slot) or place.slot.choices[0] for place in verb.places]
    parse(json.dumps(read(verb, words)))
    assert verb.form.split()[0] == verb.word and verb.meaning


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.word)
def test_a_verb_with_too_many_or_too_few_words_shows_its_form(verb: Verb) -> None:
    needed = [place for place in verb.places if not place.optional]
    if not any(place.slot.takes_the_rest for place in verb.places):
        with pytest.raises(UsageError, match="The form is: /"):
            read(verb, ["on"] * (len(verb.places) + 1), "/")
    if needed:
        with pytest.raises(UsageError, match="The form is: /"):
            read(verb, [], "/")


def test_no_two_verbs_have_one_word() -> None:
    assert len({verb.word for verb in VERBS}) == len(VERBS)


def test_a_verb_that_is_misspelt_is_guessed() -> None:
    with pytest.raises(UsageError, match="did you mean `/forbid audio"):
        find("forbidd", VERBS, "/")
