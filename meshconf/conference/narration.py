"""What happened in the room in plain words, as each person is told it."""

from __future__ import annotations

from collections.abc import Callable

from meshconf.conference.media_words import WORDS
from meshconf.protocol.room.acts import Deed, Entry

_PLAIN = {
    Deed.LOCK: "locked the meeting: nobody new can join",
    Deed.UNLOCK: "unlocked the meeting",
    Deed.LOBBY_ON: "opened a lobby: newcomers wait until host or admin lets them in",
    Deed.LOBBY_OFF: "closed the lobby: whoever has the code can join",
    Deed.HISTORY_ON: "opened the chat of before to newcomers",
    Deed.HISTORY_OFF: "closed the chat of before to newcomers",
    Deed.END: "ended the meeting for all",
}

_TO_A_PERSON = {
    Deed.REMOVE: "removed {} from the meeting",
    Deed.APPOINT: "made {} an admin",
    Deed.DISMISS: "took the admin's role from {}",
    Deed.TRANSFER: "made {} the host",
}


class Narrator:
    """Tells acts from one person's point of view.

    Args:
        own: the id of whom it tells.
        name: the name behind an id, safe to show.
    """

    def __init__(self, own: str, name: Callable[[str], str]) -> None:
        self._own = own
        self._name = name

    def tell(self, entry: Entry, former: str) -> str | None:
        """One sentence; None for what is told otherwise (somebody came) or is nobody's business.

        Args:
            entry: what was done.
            former: the id of whoever was host before it.
        """
        if entry.act.do is Deed.SUCCEED:
            if entry.host == former:
                return None
            return (
                f"{self._who(entry.host, start=True)} {self._is(entry.host)} the host now: "
                f"{self._who(former)} could not be reached."
            )
        done = self._done(entry)
        return f"{self._who(entry.author, start=True)} {done}." if done else None

    def tell_undone(self, entry: Entry) -> str | None:
        """The same for an act that does not hold, since the halves of a split meeting have met again."""
        if entry.act.do is Deed.ADMIT:
            guest = entry.act.peer or ""
            came = f"{self._who(guest)} came in meanwhile and {self._is(guest)} being let in anew"
            return f"The meeting was split and is one again; {came}."
        done = self._done(entry)
        if done is None:
            return None
        who = self._who(entry.author)
        return f"The meeting was split and is one again. It does not hold any more that {who} {done}."

    def _done(self, entry: Entry) -> str | None:
        act = entry.act
        if act.do in _PLAIN:
            return _PLAIN[act.do]
        if act.do in _TO_A_PERSON:
            return _TO_A_PERSON[act.do].format(self._whom(entry))
        if act.do in (Deed.FORBID, Deed.PERMIT) and act.kind is not None:
            verb = "forbade" if act.do is Deed.FORBID else "permitted"
            whom = "everybody" if act.peer is None else self._whom(entry)
            return f"{verb} {whom} {WORDS[act.kind].many}"
        return None

    def _who(self, peer: str, *, start: bool = False) -> str:
        if peer == self._own:
            return "You" if start else "you"
        return self._name(peer)

    def _whom(self, entry: Entry) -> str:
        if entry.act.peer == entry.author:
            return "yourself" if entry.author == self._own else "themselves"
        return self._who(entry.act.peer or "")

    def _is(self, peer: str) -> str:
        return "are" if peer == self._own else "is"
