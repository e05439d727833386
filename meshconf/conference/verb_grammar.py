"""How commands are typed: a word, then what stands at its places; and what of that makes a command of the control API.

Names of people stay names here; whoever asks knows who is meant. The engine checks the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from meshconf.conference.slots import Slot
from meshconf.errors import UsageError

CommandFields = dict[str, Any]
"""A command of the control API before the engine has read it; `do` names it."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one face writes commands."""

    prefix: str = ""
    """Stands before each where its people type it."""
    shown: Mapping[Slot, str] = field(default_factory=dict)
    """Places that it shows in other words than their own."""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a command."""

    name: str
    """Of the field in the command."""
    slot: Slot
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that people can say."""

    word: str
    meaning: str
    """Half a sentence for lists."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """The part of the command that no place fills."""
    places: tuple[Place, ...] = ()
    finish: Callable[[CommandFields], CommandFields] = lambda values: values
    """Makes the command out of fixed part and places."""

    def form(self, style: Style = PLAIN) -> str:
        """How it is written: `volume NAME DB`."""
        written = [f"{style.prefix}{self.word}"]
        for place in self.places:
            shown = style.shown.get(place.slot, place.slot.form)
            written.append(f"[{shown}]" if place.optional else shown)
        return " ".join(written)


def find(word: str, verbs: Sequence[Verb], style: Style = PLAIN) -> Verb:
    """The verb of that word.

    Args:
        word: what was typed.
        verbs: those that there are.
        style: how the sentence writes the one that was perhaps meant.

    Raises:
        UsageError: there is none; the sentence shows one that is near.
    """
    known = {verb.word: verb for verb in verbs}
    if (verb := known.get(word)) is not None:
        return verb
    near = get_close_matches(word, known, 1)
    hint = f"did you mean `{known[near[0]].form(style)}`?" if near else f"known are {', '.join(known)}."
    raise UsageError(f"There is no command {word!r}; {hint}")


def read(verb: Verb, words: Sequence[str], style: Style = PLAIN) -> CommandFields:
    """The command that `verb` followed by `words` means; a source's command without `on` turns it over.

    Raises:
        UsageError: the words do not fit; the sentence shows the form.
    """
    values: CommandFields = dict(verb.fixed)
    rest = list(words)
    try:
        for place in verb.places:
            if not rest and place.optional:
                break
            taken = " ".join(rest) if place.slot.takes_the_rest else rest[0]
            rest = [] if place.slot.takes_the_rest else rest[1:]
            if not taken.strip():
                raise _wrong_form(verb, style)
            values[place.name] = place.slot.meant(taken)
    except (ValueError, IndexError):
        raise _wrong_form(verb, style) from None
    # Only what is switched on comes from somewhere.
    if rest or ("from" in values and values.get("on") is False):
        raise _wrong_form(verb, style)
    return verb.finish(values)


def _wrong_form(verb: Verb, style: Style) -> UsageError:
    return UsageError(f"The form is: {verb.form(style)}")
