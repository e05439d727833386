"""What is offered to whom: by role, and nothing that the room would refuse for that."""

from __future__ import annotations

import json

import pytest

from meshconf.conference.commands import parse
from meshconf.tui.actions import describe_room, for_person, for_room, for_sound, question
from meshconf.tui.model import MeetingModel
from meshconf.types import Role
from tests.tui.fakes import ADA, BOB, CLEO, THREE_PEOPLE, room_state


def as_role(role: Role, **rules: object) -> MeetingModel:
    """Ada's view: as host (Bob is admin), as admin beside him, or as member under them; Cleo is a member."""
    model = MeetingModel("Ada")
    host, admins = {
        Role.HOST: (ADA, [BOB]),
        Role.ADMIN: (BOB, [ADA]),
        Role.MEMBER: (BOB, []),
    }[role]
    for event in [*THREE_PEOPLE, room_state(host=host, admins=admins, **rules)]:
        model.apply(event)
    assert model.role is role
    return model


def keys(model: MeetingModel, peer: str) -> str:
    return "".join(action.key for action in for_person(model, model.people[peer]))


@pytest.mark.parametrize(
    ("role", "to_bob", "to_cleo"),
    [(Role.HOST, "pchae1234x", "phae1234x"), (Role.ADMIN, "pce", "pe1234x"), (Role.MEMBER, "pce", "pe")],
)
def test_a_role_offers_what_it_may_do_to_others(role: Role, to_bob: str, to_cleo: str) -> None:
    model = as_role(role)
    # Bob shares his screen, so anybody may ask to control it.
    assert (keys(model, BOB), keys(model, CLEO), keys(model, ADA)) == (to_bob, to_cleo, "")


def test_nobody_but_the_host_makes_or_dismisses_admins() -> None:
    model = as_role(Role.HOST)
    commands = [action.command for peer in (BOB, CLEO) for action in for_person(model, model.people[peer])]
    assert {"do": "dismiss", "peer": BOB} in commands and {"do": "appoint", "peer": CLEO} in commands


def test_a_changed_key_offers_to_trust_it_to_everybody() -> None:
    model = as_role(Role.MEMBER)
    model.apply({"event": "peer", "peer": CLEO, "name": "Cleo", "state": "connected", "identity": "changed"})
    assert keys(model, CLEO) == "pet"


def test_a_hand_is_taken_down_by_those_who_lead_and_who_is_not_heard_can_be_heard_again() -> None:
    for role, offered in ((Role.HOST, "phaed1234x"), (Role.MEMBER, "pe")):
        model = as_role(role)
        model.apply({"event": "hand", "peer": CLEO, "up": True, "t": 5.0})
        model.apply({"event": "volume", "peer": CLEO, "gain_db": 0.0, "deaf": True})
        assert keys(model, CLEO) == offered
        chosen = {action.key: action.command for action in for_person(model, model.people[CLEO])}
        assert chosen["e"] == {"do": "deafen", "on": False, "peer": CLEO}


def test_the_page_of_sound_offers_the_other_way_round_what_is_so() -> None:
    model = as_role(Role.MEMBER)
    before = {action.key: action.command for action in for_sound(model)}
    for event in (
        {
            "event": "microphone",
            "muted": False,
            "open": True,
            "on_air": True,
            "push_to_talk": True,
            "while_muted": "release",
        },
        {"event": "volume", "peer": None, "gain_db": 19.0, "deaf": True},
        {"event": "sounds", "on": False},
        {"event": "hand", "peer": ADA, "up": True},
    ):
        model.apply(event)
    after = {action.key: action.command for action in for_sound(model)}
    assert before.keys() == after.keys() and all(before[key] != after[key] for key in before.keys() - {"d"})
    assert after["+"] == {"do": "volume", "gain_db": 20.0} and after["w"] == {"do": "while_muted", "mic": "keep"}
    for command in (*before.values(), *after.values()):
        parse(json.dumps(command))


@pytest.mark.parametrize(("role", "offered"), [(Role.HOST, "lwb1234ne"), (Role.ADMIN, "lw1234e"), (Role.MEMBER, "")])
def test_a_role_offers_what_it_may_do_to_the_room(role: Role, offered: str) -> None:
    assert "".join(action.key for action in for_room(as_role(role))) == offered


def test_what_is_so_already_is_offered_the_other_way_round() -> None:
    model = as_role(Role.HOST, locked=True, lobby=True, history=True, forbidden={"video": True, "audio": [CLEO]})
    done = [action.command["do"] for action in for_room(model)]
    assert done == [
        "unlock", "lobby_off", "history_off", "permit", "permit", "forbid", "forbid", "rotate_code", "end",
    ]  # fmt: skip
    cleo = {action.key: action.command["do"] for action in for_person(model, model.people[CLEO])}
    assert (cleo["1"], cleo["2"], cleo["3"]) == ("permit", "permit", "forbid")


def test_members_read_the_rules_in_sentences() -> None:
    lines = describe_room(as_role(Role.MEMBER, locked=True, forbidden={"screen": True, "audio": [CLEO]}))
    assert "Locked: nobody new comes in." in lines
    assert "Sound: forbidden to Cleo Nakamura." in lines and "Screen: forbidden to all." in lines


def test_only_what_hurts_is_asked_first() -> None:
    model = as_role(Role.HOST)
    asked = {
        do: question(model, {"do": do, "peer": CLEO}) is not None
        for do in ("transfer_host", "remove", "end", "trust", "appoint", "dismiss", "forbid", "lock", "admit", "chat")
    }
    assert [do for do, is_asked in asked.items() if is_asked] == ["transfer_host", "remove", "end", "trust"]
    assert question(model, {"do": "remove", "peer": CLEO}).text == "Remove Cleo Nakamura?"  # type: ignore[union-attr]
