"""What a meeting is at the moment, gathered from the events that an engine replays to a new face."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from meshconf.cli.table import table
from meshconf.errors import UsageError


@dataclass
class Present:
    """People, their sources, and how others come in."""

    own: str = ""
    host: str = ""
    title: str = ""
    name: str = ""
    """Our own."""
    invite: str = ""
    link: str = ""
    peers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The last `peer` event of each person but ourselves."""
    sources: dict[str, set[str]] = field(default_factory=dict)
    """What each person sends."""

    def note(self, event: dict[str, Any]) -> None:
        """Take one event."""
        match event:
            case {"event": "room", "invite": invite, "link": link, **about}:
                self.invite, self.link = invite, link
                self._enter(about)
            case {"event": "joined", **about}:
                self._enter(about)
            case {"event": "room_state", "host": host}:
                self.host = host
            case {"event": "peer", "peer": peer, "state": "left"}:
                self.peers.pop(peer, None)
                self.sources.pop(peer, None)
            case {"event": "peer", "peer": peer}:
                self.peers[peer] = event
            case {"event": "source", "peer": peer, "source": source, "state": state}:
                sending = self.sources.setdefault(peer, set())
                (sending.add if state == "on" else sending.discard)(source)

    def _enter(self, about: dict[str, Any]) -> None:
        self.own, self.title, self.name = about["self"], about["title"], about["name"]

    def peer(self, name: str) -> str:
        """The id of a person, given by id, by name, or by the beginning of the name.

        Raises:
            UsageError: nobody or several are called so.
        """
        if name in self.peers:
            return name
        wanted = name.casefold()
        names = {peer: str(event["name"]).casefold() for peer, event in self.peers.items()}
        for fits in (str.__eq__, str.startswith):
            matching = [peer for peer, known in names.items() if fits(known, wanted)]
            if len(matching) == 1:
                return matching[0]
            if matching:
                raise UsageError(f"Several people are called {name!r}; give the id: {', '.join(matching)}.")
        here = ", ".join(str(event["name"]) for event in self.peers.values()) or "nobody else"
        raise UsageError(f"Nobody here is called {name!r}; here is {here}.")

    def text(self) -> str:
        """For people: the meeting, then a line for each person."""
        heading = "  ".join(part for part in (self.title or "A meeting without a title", self.invite) if part)
        rows = [self._row(self.own, "you", "", "")]
        for peer, event in self.peers.items():
            rows.append(self._row(peer, str(event["name"]), str(event["state"]), str(event.get("path") or "")))
        return table([(heading,)]) + table(rows, indent=2)

    def _row(self, peer: str, name: str, state: str, path: str) -> tuple[str, ...]:
        sending = " ".join(sorted(self.sources.get(peer, ()))) or "-"
        return name, "host" if peer == self.host else "", state, path, sending, peer
