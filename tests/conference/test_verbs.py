"""The table of verbs: every one of them means something that the engine reads, and says how it is written."""

from __future__ import annotations

import json

import pytest

from meshconf.conference import slots
from meshconf.conference.commands import parse
from meshconf.conference.verb_grammar import Style, Verb, find, read
from meshconf.conference.verbs import VERBS
from meshconf.errors import UsageError

_SLASH = Style("/")
_EXAMPLES = {
    slots.PERSON: "Ada",
    slots.WAITING: "Eve",
    slots.TEXT: "hello",
    slots.DECIBELS: "-6",
    slots.DEVICE: "test",
    slots.TIME: "1:30",
    slots.PATH: "song.ogg",
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.word)
def test_every_verb_with_all_its_places_is_a_command_of_the_control_api(verb: Verb) -> None:
    words = [_EXAMPLES.get(place.slot) or place.slot.choices[0] for place in verb.places]
    parse(json.dumps(read(verb, words)))
    assert verb.form().split()[0] == verb.word and verb.meaning


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.word)
def test_a_verb_with_too_many_or_too_few_words_shows_its_form(verb: Verb) -> None:
    needed = [place for place in verb.places if not place.optional]
    if not any(place.slot.takes_the_rest for place in verb.places):
        with pytest.raises(UsageError, match="The form is: /"):
            read(verb, ["on"] * (len(verb.places) + 1), _SLASH)
    if needed:
        with pytest.raises(UsageError, match="The form is: /"):
            read(verb, [], _SLASH)


def test_no_two_verbs_have_one_word() -> None:
    assert len({verb.word for verb in VERBS}) == len(VERBS)


def test_a_verb_that_is_misspelt_is_guessed() -> None:
    with pytest.raises(UsageError, match="did you mean `/forbid sound"):
        find("forbidd", VERBS, _SLASH)


def test_a_face_shows_a_place_in_its_own_words() -> None:
    style = Style("/", {slots.MEDIUM: "KIND", slots.WAITING: "GUEST"})
    forms = {verb.word: verb.form(style) for verb in VERBS}
    assert forms["forbid"] == "/forbid KIND [NAME]"
    assert (forms["admit"], forms["remove"]) == ("/admit GUEST", "/remove NAME")
    with pytest.raises(UsageError, match=r"The form is: /forbid KIND \[NAME\]"):
        read(find("forbid", VERBS), ["smoking"], style)
