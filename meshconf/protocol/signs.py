"""What people tell each other without a word: that they want to speak, and that they hear nobody at present."""

from __future__ import annotations

from meshconf.protocol.fields import Message, Stamp


class Signs(Message, frozen=True, tag="signs"):
    """My signs as they are now; sent on each change, and when a link opens and one is given."""

    hand: Stamp | None = None
    """Milliseconds for which my hand has been up; None while it is down."""
    deaf: bool = False
    """Whether I hear nobody."""


class LowerHand(Message, frozen=True, tag="lower-hand"):
    """Host or admin to somebody: take your hand down."""


SignMessage = Signs | LowerHand
"""Every message about signs."""
