"""Whether the own microphone is on the air: muted or not, and the key that lets one talk while it is held.

Pure: it decides, somebody else opens devices and sends. What it decides holds from the next block of sound on.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_PRESS = 180.0
"""Seconds after which a key that was never let go of counts as released: whoever pressed it may have crashed."""


@dataclass(slots=True)
class MuteSwitch:
    """The state of one microphone.

    Args:
        muted: whether it begins muted.
        push_to_talk: whether it begins in that mode, which is muted as well.
    """

    muted: bool = False
    """Whether nothing may leave, but for what is said while the key is held."""
    push_to_talk: bool = False
    """Whether one talks by holding a key, so that the device is kept ready."""
    _due: float | None = None

    def __post_init__(self) -> None:
        self.muted = self.muted or self.push_to_talk

    @property
    def held(self) -> bool:
        """Whether the key is down."""
        return self._due is not None

    @property
    def on_air(self) -> bool:
        """Whether what the microphone hears may leave this machine."""
        return self.held or not self.muted

    @property
    def due(self) -> float | None:
        """When a held key counts as released, in monotonic seconds; None while it is up."""
        return self._due

    def mute(self) -> None:
        """Nothing leaves from now on, whatever key is held."""
        self.muted, self._due = True, None

    def unmute(self) -> None:
        """Everything leaves until it is muted again, in push-to-talk as well."""
        self.muted = False

    def set_push_to_talk(self, on: bool) -> None:
        """Begin or end the mode; either way nothing leaves at first."""
        self.push_to_talk = on
        self.mute()

    def press(self, now: float, hold: float = LONGEST_PRESS) -> None:
        """The key went down, or is still down; `now` in monotonic seconds, `hold` how long that is believed."""
        self._due = now + min(hold, LONGEST_PRESS)

    def release(self) -> None:
        """The key went up."""
        self._due = None

    def expire(self, now: float) -> bool:
        """Let a key go that has been held for too long; returns whether that was so."""
        if (due := self.due) is None or now < due:
            return False
        self.release()
        return True
