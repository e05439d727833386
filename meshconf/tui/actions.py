"""What the person at this terminal may do to somebody and to the room, by role: keys, words, commands. Pure.

What the role does not allow is not offered. The room checks every act all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshconf.conference.media_words import WORDS
from meshconf.conference.verb_grammar import CommandFields
from meshconf.tui.model import MeetingModel
from meshconf.tui.participant import Participant
from meshconf.tui.talk import MUTED_MIC
from meshconf.types import LOUDEST_DB, SOFTEST_DB, KeyVerdict, Medium, PeerState, Role, SourceKind

_STEP_DB = 3.0
"""One step of the volume of all."""
_MEDIA_KEYS = {Medium.AUDIO: "1", Medium.VIDEO: "2", Medium.SCREEN: "3", Medium.CONTROL: "4"}


@dataclass(frozen=True)
class Action:
    """One thing to do: its key, what to call it, and the command that does it. Without a key, a heading."""

    key: str
    label: str
    command: CommandFields
    state: str = ""
    """How it is at present, where the label changes it."""
    severe: bool = False
    """Whether it hurts; a question comes first."""
    closes: bool = False
    """Whether the page on which it is offered has nothing more to show then."""


@dataclass(frozen=True)
class Question:
    """What is asked before something that hurts; the harmless answer is the default."""

    text: str
    note: str
    yes: str


def for_person(model: MeetingModel, person: Participant) -> list[Action]:
    """What may be done to one of the others."""
    if person.own:
        return []
    peer, rules = person.peer, model.rules
    theirs = rules.role(peer)
    actions = []
    if person.state is PeerState.CONNECTED:
        actions.append(Action("p", "Write to them alone", {"do": "write", "peer": peer}, closes=True))
    actions += _control(model, person)
    if model.role is Role.HOST:
        actions.append(Action("h", "Make host", {"do": "transfer_host", "peer": peer}, severe=True))
        if theirs is Role.ADMIN:
            actions.append(Action("a", "Take the admin's role", {"do": "dismiss", "peer": peer}))
        else:
            actions.append(Action("a", "Make admin", {"do": "appoint", "peer": peer}))
    actions.append(
        Action("e", "Hear them again", {"do": "deafen", "on": False, "peer": peer}, "not heard here")
        if person.deaf
        else Action("e", "Hear them no more", {"do": "deafen", "on": True, "peer": peer})
    )
    if person.in_line and rules.is_staff(model.own):
        actions.append(Action("d", "Take their hand down", {"do": "hand", "up": False, "peer": peer}))
    if _may_rule(model, theirs):
        for medium, key in _MEDIA_KEYS.items():
            forbidden = rules.is_forbidden(medium, peer)
            actions.append(_rule(key, medium, forbidden, "", peer=peer))
        actions.append(Action("x", "Remove", {"do": "remove", "peer": peer}, severe=True))
    if person.identity is KeyVerdict.CHANGED:
        actions.append(Action("t", "Trust the new key", {"do": "trust", "peer": peer}, severe=True))
    return actions


def for_sound(model: MeetingModel) -> list[Action]:
    """What one may decide about talking and hearing."""
    talk = model.talk
    after = list(MUTED_MIC)[(list(MUTED_MIC).index(talk.while_muted) + 1) % len(MUTED_MIC)]
    up = model.own in talk.hands
    louder, softer = (max(SOFTEST_DB, min(LOUDEST_DB, talk.gain_db + step)) for step in (_STEP_DB, -_STEP_DB))
    return [
        Action("m", "Mute", {"do": "mute"}, "now heard")
        if talk.on_air
        else Action("m", "Be heard", {"do": "unmute"}, "now muted" if talk.open else "now off"),
        Action("k", "Talk without a key", {"do": "ptt", "state": "off"}, "now while space is held")
        if talk.push_to_talk
        else Action("k", "Talk by a key", {"do": "ptt", "state": "on"}, "now without a key"),
        Action("w", "While muted: next", {"do": "while_muted", "mic": after}, f"now {MUTED_MIC[talk.while_muted]}"),
        Action("+", "All louder", {"do": "volume", "gain_db": louder}, f"now {talk.gain_db:+.0f} dB"),
        Action("-", "All softer", {"do": "volume", "gain_db": softer}),
        Action("e", "Hear people again", {"do": "deafen", "on": False}, "now you hear nobody")
        if talk.deaf
        else Action("e", "Hear nobody", {"do": "deafen", "on": True}, "now you hear all"),
        Action("n", "Stop small sounds", {"do": "sounds", "on": False}, "now on")
        if talk.sounds
        else Action("n", "Play small sounds", {"do": "sounds", "on": True}, "now off"),
        Action("d", "Choose devices", {"do": "devices"}, closes=True),
        Action("h", "Take your hand down", {"do": "hand", "up": False}, "now up")
        if up
        else Action("h", "Raise your hand", {"do": "hand", "up": True}, "now down"),
    ]


def for_room(model: MeetingModel) -> list[Action]:
    """What may be done to the room."""
    if not model.rules.is_staff(model.own):
        return []
    rules = model.rules
    actions = [
        Action("l", "Unlock", {"do": "unlock"}, "locked")
        if rules.locked
        else Action("l", "Lock", {"do": "lock"}, "not locked"),
        Action("w", "Close the lobby", {"do": "lobby_off"}, "newcomers wait")
        if rules.lobby
        else Action("w", "Open a lobby", {"do": "lobby_on"}, "no lobby"),
    ]
    if model.role is Role.HOST:
        actions += [
            Action("b", "Hide the old chat", {"do": "history_off"}, "newcomers see it")
            if rules.history
            else Action("b", "Show the old chat", {"do": "history_on"}, "newcomers do not"),
        ]
    for medium, key in _MEDIA_KEYS.items():
        actions.append(_rule(key, medium, bool(rules.forbidden.get(medium)), _forbidden(model, medium)))
    if model.role is Role.HOST:
        actions.append(Action("n", "Make a new code", {"do": "rotate_code"}, model.invite))
    actions.append(Action("e", "End for all", {"do": "end"}, severe=True))
    return actions


def describe_room(model: MeetingModel) -> list[str]:
    """The state of the room in sentences, for those who can only look."""
    rules = model.rules
    lines = [
        "Locked: nobody new comes in." if rules.locked else "Not locked.",
        "Newcomers wait in the lobby." if rules.lobby else "Whoever has the code comes in.",
        "Newcomers get the chat of before." if rules.history else "Newcomers do not see the chat of before.",
    ]
    lines += [f"{WORDS[medium].called.capitalize()}: {_forbidden(model, medium)}." for medium in Medium]
    return lines


def question(model: MeetingModel, command: CommandFields) -> Question | None:
    """What to ask before a command that hurts; None for all others."""
    name = model.name(str(command.get("peer", "")))
    match command.get("do"):
        case "transfer_host":
            return Question(f"Make {name} the host?", "You become a member.", "Make host")
        case "remove":
            return Question(f"Remove {name}?", "They cannot come back; the code changes.", "Remove")
        case "end":
            return Question("End the meeting for all?", "Everybody is sent home.", "End")
        case "trust":
            return Question(
                f"Trust the new key of {name}?",
                "Only if you have read the six words to each other and they agree: else it may be somebody else.",
                "Trust",
            )
        case _:
            return None


def _control(model: MeetingModel, person: Participant) -> list[Action]:
    """Whose screen we may ask for, and what there is to end."""
    peer, control = person.peer, model.control
    if peer == control.controller:
        return [Action("c", "End their control", {"do": "control_revoke", "peer": peer})]
    if peer in control.controlling or peer in control.asked:
        label = "Give control back" if peer in control.controlling else "Ask no more"
        return [Action("c", label, {"do": "control_release", "peer": peer})]
    if person.is_on(SourceKind.SCREEN) and not model.rules.is_forbidden(Medium.CONTROL, model.own):
        return [Action("c", "Ask for control", {"do": "control_request", "peer": peer})]
    return []


def _may_rule(model: MeetingModel, theirs: Role) -> bool:
    """Host over all others; admins over members."""
    return model.role is Role.HOST or (model.role is Role.ADMIN and theirs is Role.MEMBER)


def _rule(key: str, medium: Medium, forbidden: bool, state: str, **whom: str) -> Action:
    verb, word = ("permit", "Permit") if forbidden else ("forbid", "Forbid")
    state = state or ("forbidden" if forbidden else "permitted")
    return Action(key, f"{word} {WORDS[medium].called}", {"do": verb, "kind": medium.value, **whom}, state)


def _forbidden(model: MeetingModel, medium: Medium) -> str:
    told = model.rules.forbidden.get(medium, False)
    if isinstance(told, tuple):
        return f"forbidden to {', '.join(model.name(peer) for peer in told)}"
    return "forbidden to all" if told else "permitted"
