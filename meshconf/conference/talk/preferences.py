"""What a person has chosen about sound, kept from meeting to meeting: volumes by identity, and a few switches.

The file names nobody: people stand in it as their ids, which are digests of keys. All calls block for a few file
operations; make them at start, or in a thread.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from meshconf import paths
from meshconf.conference.talk.volumes import AS_IT_COMES, Volume
from meshconf.config import MutedMic
from meshconf.protocol.fields import Id
from meshconf.types import LOUDEST_DB, SOFTEST_DB, PeerId

log = logging.getLogger("meshconf.conference")

MOST = 1000
"""People whose volume is kept; of more, those changed longest ago are forgotten."""

_MAX_BYTES = 1_000_000
_FILE = "sound.json"
_Gain = Annotated[float, msgspec.Meta(ge=SOFTEST_DB, le=LOUDEST_DB)]


class _Entry(msgspec.Struct, frozen=True):
    gain_db: _Gain = 0.0
    deaf: bool = False


class Preferences(msgspec.Struct):
    """What was chosen."""

    version: Literal[1] = 1
    sounds: bool = True
    while_muted: MutedMic = "keep"
    gain_db: _Gain = 0.0
    """That of all."""
    people: Annotated[dict[Id, _Entry], msgspec.Meta(max_length=MOST)] = msgspec.field(default_factory=dict)
    """Changed longest ago first."""

    def volumes(self) -> dict[PeerId, Volume]:
        """The volumes of people."""
        return {PeerId(peer): Volume(entry.gain_db, entry.deaf) for peer, entry in self.people.items()}

    def set_volume(self, peer: PeerId | None, volume: Volume) -> None:
        """Keep somebody's volume, or that of all; that all are not heard is for one meeting only."""
        if peer is None:
            self.gain_db = volume.gain_db
            return
        self.people.pop(peer, None)
        if volume != AS_IT_COMES:
            self.people[peer] = _Entry(volume.gain_db, volume.deaf)
        while len(self.people) > MOST:
            del self.people[next(iter(self.people))]


class PreferenceFile:
    """Where they lie; one that is damaged counts as empty and is written anew: nothing in it is worth a question.

    Args:
        folder: where the file lies; `paths.data_dir()` if None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = (folder or paths.data_dir()) / _FILE

    def load(self) -> Preferences:
        """What was kept; the defaults where there is nothing to read."""
        try:
            with self._file.open("rb") as stream:
                return msgspec.json.decode(stream.read(_MAX_BYTES), type=Preferences)
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as error:
            log.warning("what was chosen about sound cannot be read: %s", error)
        return Preferences()

    def save(self, preferences: Preferences) -> None:
        """Keep it, readable by this user alone, whole or not at all."""
        data = msgspec.json.format(msgspec.json.encode(preferences), indent=1)
        temporary = self._file.with_name(f".{_FILE}.{secrets.token_hex(8)}")
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(data)
            os.replace(temporary, self._file)
        except OSError as error:
            log.warning("what was chosen about sound cannot be kept: %s", error)
            with contextlib.suppress(OSError):
                temporary.unlink()
