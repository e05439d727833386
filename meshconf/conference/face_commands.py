"""The commands of the control API about the face that gives them alone: `control_socket` carries them out."""

from __future__ import annotations

from typing import Annotated

import msgspec

from meshconf.conference.command import Command
from meshconf.types import SourceKind


class View(Command, tag="view"):
    """What a face shows of somebody's picture, ours included, until it says otherwise or goes.

    Of all that faces and windows show of a source, the largest is asked for.
    """

    peer: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """The id; of whom it is no peer's, nothing comes."""
    source: SourceKind
    height: Annotated[int, msgspec.Meta(ge=0, le=8192)] = 0
    """Pixels; 0 when it is not shown any more."""
    fps: Annotated[int, msgspec.Meta(ge=0, le=240)] = 0


class Subscribe(Command, tag="subscribe"):
    """An attached face asks for the frequent events, too."""

    levels: bool = True
    stats: bool = True


FaceCommand = Subscribe | View
"""What only an attached face can say."""
