"""The commands of the control API about what others see of our screen."""

from __future__ import annotations

from meshconf.conference.command import Command


class Freeze(Command, tag="freeze"):
    """Others go on seeing our screen as it is now, whatever happens on it; or (`on` false) they see it again."""

    on: bool | None = None
    """Without it, the other way round than it is."""


class Blank(Command, tag="blank"):
    """Others see black in place of our screen; or (`on` false) what they saw before."""

    on: bool | None = None
    """As in `freeze`."""


ScreenCommand = Freeze | Blank
"""What `Studio.cover` carries out."""
