"""The invite as a person gives and gets it: asked at a prompt with word completion, shown as code and link."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from meshconf.cli.diagnostics import say
from meshconf.errors import UsageError
from meshconf.protocol.invite import parse_invite
from meshconf.protocol.words import complete_words


def wanted(words: Sequence[str]) -> str:
    """The invite from argv, the environment, stdin or a prompt, in this order; checked.

    Raises:
        UsageError: there is none, or it is malformed.
    """
    text = " ".join(words)
    if not text:
        text = os.environ.pop("MESHCONF_INVITE", "")
    if text == "-" or (not text and not sys.stdin.isatty()):
        text = sys.stdin.readline()
        if not text.strip():
            raise UsageError("No invite: give a code or link as argument, in MESHCONF_INVITE, or on stdin.")
    if not text:
        text = _ask()
    parse_invite(text)
    return text.strip()


def show(code: str, link: str) -> None:
    """Print code and link to stdout."""
    sys.stdout.write(f"\n  Others join with   meshconf join {code}\n\n  or with the link   {link}\n\n")
    sys.stdout.flush()


def _ask() -> str:
    """Ask at the terminal; Tab completes the words of a code."""
    try:
        import readline
    except ImportError:
        pass
    else:
        readline.set_completer_delims(" -\t\n")
        readline.set_completer(lambda prefix, n: (complete_words(prefix) + [None])[n])
        readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")
    say("The code looks like 42-crumb-ozone-plank; Tab completes its words.")
    try:
        return input("Code or link: ")
    except EOFError:
        raise UsageError("No invite was given.") from None
