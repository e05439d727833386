"""How a command ends that cannot go on: one sentence, where JSON lines were asked for one line too, an exit code.

Imports nothing heavy before there is a failure.
"""

from __future__ import annotations

import contextlib
import logging
import os

from meshconf.errors import MeshconfError
from meshconf.headless.streams import complain

log = logging.getLogger("meshconf.headless")


def fail(error: Exception, *, as_json: bool) -> int:
    """Say why we end; returns the exit code.

    Args:
        error: what ended us; any but ours is put into a sentence, its traceback goes to the log.
        as_json: also write an `error` event to stdout.
    """
    from meshconf.conference.events import line
    from meshconf.conference.failure import event_of, sentence_of

    known = _known(error)
    if as_json:
        with contextlib.suppress(OSError):
            os.write(1, line(event_of(known)))
    complain(sentence_of(known))
    return known.exit_code


def _known(error: Exception) -> MeshconfError:
    if isinstance(error, MeshconfError):
        return error
    log.error("an internal error", exc_info=error)
    if isinstance(error, OSError) and error.strerror:
        return MeshconfError(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}.")
    return MeshconfError(f"Something is broken inside ({type(error).__name__}: {error}); --log FILE keeps the details.")
