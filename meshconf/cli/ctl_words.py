"""The words of `meshconf ctl` as commands of the control API: the verbs of every face, and some for shells alone."""

from __future__ import annotations

import json
from collections.abc import Sequence

from meshconf.cli.table import table
from meshconf.conference import slots
from meshconf.conference.verb_grammar import CommandFields, Place, Style, Verb, find, read
from meshconf.conference.verbs import VERBS
from meshconf.errors import UsageError

_STYLE = Style("meshconf ctl ")
_SWITCH = (Place("on", slots.SWITCH), Place("from", slots.DEVICE, optional=True))

SHELL_VERBS: tuple[Verb, ...] = (
    Verb("chat", "write to everybody", {"do": "chat"}, (Place("text", slots.TEXT),)),
    Verb("source", "a source on or off", {"do": "source"}, (Place("source", slots.SOURCE), *_SWITCH)),
    Verb("media", "the sound of a file or stream on or off", {"do": "source", "source": "media"}, _SWITCH),
    Verb("status", "who is here"),
    Verb("help", "all of these"),
)
"""What only shells need: in the chat, a line that is no command is said, and the rest is on the screen."""

_ALL = (*SHELL_VERBS, *VERBS)


def help_text() -> str:
    """A line for each command: how it is written, and what it does."""
    return table([(verb.form(), verb.meaning) for verb in _ALL])


def read_words(words: Sequence[str]) -> CommandFields:
    """The command that the words mean; a person may be given by name, which is for the caller to resolve.

    Raises:
        UsageError: they mean none; the sentence shows the right form.
    """
    if words[0].lstrip().startswith("{"):
        return _read_json(" ".join(words))
    return read(find(words[0], _ALL), words[1:], _STYLE)


def _read_json(text: str) -> CommandFields:
    try:
        command = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"That is not one JSON object: {error}.") from error
    assert isinstance(command, dict), "text that begins with a brace and is JSON is an object"
    return command
