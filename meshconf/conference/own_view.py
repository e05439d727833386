"""How we see ourselves what we send: in a window of ours, or in the tile of a face."""

from __future__ import annotations

from collections.abc import Callable

from meshconf.conference.gallery import Gallery, title_of
from meshconf.conference.publishing.own_picture import OwnPicture
from meshconf.types import PeerId, SourceKind


class OwnView:
    """The mirror of our publishers.

    Args:
        gallery: shows pictures.
        own: our id.
        name: what we are called.
    """

    def __init__(self, gallery: Gallery, own: PeerId, name: Callable[[], str]) -> None:
        self._gallery = gallery
        self._own = own
        self._name = name

    def canvas(self, kind: SourceKind) -> OwnPicture | None:
        """Where the next picture is drawn; None while nobody looks."""
        return self._gallery.own_picture(self._own, kind)

    def drawn(self, kind: SourceKind) -> None:
        """It was."""
        self._gallery.show_own(self._own, kind, title_of(f"{self._name()} (you)", kind))
