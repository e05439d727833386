"""The /commands of the chat: what a line means, how it may go on, what each command is for. Pure.

Names with blanks are understood as they stand, or in quotes. `//` begins a line that is said, with one slash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meshconf.conference import slots
from meshconf.conference.verb_grammar import CommandFields, Place, Style, Verb, find, read
from meshconf.conference.verbs import VERBS
from meshconf.errors import UsageError

_STYLE = Style("/")

LINE_VERBS: tuple[Verb, ...] = (
    *VERBS,
    Verb("devices", "choose another microphone, speaker or camera", {"do": "devices"}),
    Verb("help", "all commands, or one", {"do": "help"}, (Place("word", slots.COMMAND, optional=True),)),
)


@dataclass(frozen=True)
class Names:
    """Whom a line may name: ids by what they are called."""

    present: Sequence[tuple[str, str]]
    """Name and id of each of the others, and of ourselves last."""
    waiting: Sequence[tuple[str, str]] = ()
    """The same of those in the lobby."""
    own: str = ""
    """Our own id: who is called as we are is one of the others."""

    def of(self, slot: slots.Slot) -> Sequence[tuple[str, str]]:
        """Those who may stand in that place."""
        return self.waiting if slot is slots.WAITING else self.present


def is_command(line: str) -> bool:
    """Whether a line is a command and must never be said."""
    return line.startswith("/") and not line.startswith("//")


def said(line: str) -> str:
    """What a line that is no command says."""
    return line[1:] if line.startswith("//") else line


def understood(line: str, names: Names) -> CommandFields:
    """The command of a line, people by their ids.

    Raises:
        UsageError: there is no such command, its form is another, or nobody or several are called so.
    """
    word, _, rest = line[1:].partition(" ")
    if not word:
        raise UsageError("A line that begins with / is a command; /help lists them, // says a slash.")
    verb = find(word.lower(), LINE_VERBS, _STYLE)
    command = read(verb, list(_split(verb, rest, names)), _STYLE)
    for place in verb.places:
        if place.slot in (slots.PERSON, slots.WAITING) and isinstance(name := command.get(place.name), str):
            command[place.name] = _person(name, names.of(place.slot), names.own)
    return command


def completions(line: str, names: Names) -> list[str]:
    """Whole lines that `line` may become, one word on, best first."""
    if not is_command(line):
        return []
    word, blank, rest = line[1:].partition(" ")
    if not blank:
        return [
            f"/{verb.word}{' ' if verb.places else ''}" for verb in LINE_VERBS if verb.word.startswith(word.lower())
        ]
    verb = next((verb for verb in LINE_VERBS if verb.word == word.lower()), None)
    if verb is None:
        return []
    done, place = f"/{word} ", 0
    for place, one in enumerate(verb.places):
        taken, left = _first(one.slot, rest, names)
        if left is None or one.slot.takes_the_rest:
            more = " " if place + 1 < len(verb.places) else ""
            return [f"{done}{fit}{more}" for fit in _fitting(one.slot, rest, names) if fit != rest or more]
        done, rest = f"{done}{rest[: len(rest) - len(left)]}", left
    return []


def hint(line: str) -> str:
    """The form of the command that is being typed; empty while no verb stands there."""
    word = line[1:].partition(" ")[0].lower()
    return next((verb.form(_STYLE) for verb in LINE_VERBS if is_command(line) and verb.word == word), "")


def help_lines(word: str = "") -> list[str]:
    """One line for the command `word`, or for each.

    Raises:
        UsageError: there is none of that word.
    """
    verbs: Sequence[Verb] = [find(word.removeprefix("/").lower(), LINE_VERBS, _STYLE)] if word else LINE_VERBS
    return [f"{verb.form(_STYLE)}: {verb.meaning}" for verb in verbs]


def _split(verb: Verb, rest: str, names: Names) -> Iterator[str]:
    """The words of a line, a name as one word."""
    rest = rest.strip()
    for place in verb.places:
        if not rest:
            return
        if place.slot.takes_the_rest:
            yield rest
            return
        taken, left = _first(place.slot, rest, names)
        yield taken
        rest = (left or "").lstrip()
    yield from rest.split()


def _first(slot: slots.Slot, rest: str, names: Names) -> tuple[str, str | None]:
    """The first word of `rest`, and what stands behind it; None where the word is not finished by a blank."""
    if rest.startswith('"') and (end := rest.find('"', 1)) > 0:
        return rest[1:end], rest[end + 1 :].removeprefix(" ") if len(rest) > end + 1 else None
    if slot in (slots.PERSON, slots.WAITING):
        for name, _ in sorted(names.of(slot), key=lambda one: -len(one[0])):
            if rest.casefold().startswith(f"{name} ".casefold()):
                return rest[: len(name)], rest[len(name) + 1 :]
            if rest.casefold() == name.casefold():
                return rest, None
    word, blank, left = rest.partition(" ")
    return word, left if blank else None


def _fitting(slot: slots.Slot, typed: str, names: Names) -> list[str]:
    begun = typed.removeprefix('"').casefold()
    if slot in (slots.PERSON, slots.WAITING):
        return [name for name, _ in names.of(slot) if name.casefold().startswith(begun)]
    choices = [verb.word for verb in LINE_VERBS] if slot is slots.COMMAND else slot.choices
    others = [choice for choice in slot.others if begun and choice not in choices]
    return [choice for choice in (*choices, *others) if choice.startswith(begun)]


def _person(name: str, known: Sequence[tuple[str, str]], own: str) -> str:
    """The id behind a name, its beginning, the id itself, or the end of it as the list of people shows it."""
    wanted = name.casefold()
    for matching in (
        [peer for called, peer in known if peer == name or called.casefold() == wanted],
        [peer for called, peer in known if called.casefold().startswith(wanted)],
        [peer for _, peer in known if wanted.startswith("·") and peer.endswith(wanted[1:]) and wanted[1:]],
    ):
        if len(matching) > 1:
            matching = [peer for peer in matching if peer != own]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise UsageError(f"Several are called {name!r}; give the id: {', '.join(matching)}.")
    there = ", ".join(called for called, _ in known) or "nobody"
    raise UsageError(f"There is nobody called {name!r}; there is {there}.")
