"""A failure as one event and as one sentence, the same for every face."""

from __future__ import annotations

from meshconf.conference.events import Error
from meshconf.errors import DeviceError, MeshconfError, Refused


def sentence_of(error: MeshconfError) -> str:
    """What happened and, where something can be mended, how."""
    return f"{error} To mend it: {error.fix}" if isinstance(error, DeviceError) and error.fix else str(error)


def event_of(error: MeshconfError, *, id: int | None = None) -> Error:
    """The event behind an error; `id` is that of the command that failed, if it was one."""
    reason = error.reason if isinstance(error, Refused) else None
    return Error(code=error.code, message=sentence_of(error), reason=reason, id=id)
