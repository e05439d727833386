"""What a system has to offer to act with its mouse and keyboard; one is chosen by what this machine is."""

from __future__ import annotations

import sys
from typing import Protocol

from meshconf.devices.input.wire import Copied, OwnInput, Panic
from meshconf.protocol.control.input import Input
from meshconf.types import Area


class Injector(Protocol):
    """Mouse and keyboard of this machine; every method runs in the main thread of the process."""

    area: Area
    """What positions are shares of."""

    def do(self, input: Input) -> None:
        """Do one input; what this machine cannot do is left out."""

    def let_go(self) -> None:
        """Let come up what we hold down, and nothing of what the owner holds."""

    def copy(self, text: str) -> None:
        """Put text into the clipboard, where that was asked for."""

    def files(self) -> list[int]:
        """Descriptors that are to be watched: `news` has something once one can be read."""

    def news(self) -> list[OwnInput | Panic | Copied]:
        """What the owner did since the last call."""

    def close(self) -> None:
        """Let go, and leave the machine as it was."""


def open_injector(screen: str | Area, *, after_crash: bool, clipboard: bool = False) -> Injector:
    """The injector of this machine.

    Args:
        screen: which part of the display: itself, or what people call it, see `screen_area.area_of`.
        after_crash: whether an earlier one ended without letting go.
        clipboard: whether text is copied, too; only X displays can.

    Raises:
        DeviceError: this machine cannot be controlled, or has no such screen.
    """
    if sys.platform == "linux":
        from meshconf.devices.input.x11 import X11Injector

        return X11Injector(screen, after_crash=after_crash, clipboard=clipboard)
    from meshconf.devices.input.portable import PortableInjector

    return PortableInjector(screen)
