from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.conference import commands, face_commands, sound_commands
from meshconf.conference.commands import MAX_COMMAND, AnyCommand, UnreadableCommand, parse
from meshconf.conference.remote_control.commands import (
    ControlDeny,
    ControlGrant,
    ControlRelease,
    ControlRequest,
    ControlRevoke,
    Copy,
    Input,
    Point,
    PointWithMouse,
)
from meshconf.conference.screen_commands import Blank, Freeze
from meshconf.conference.talk import commands as talk
from meshconf.errors import UsageError
from meshconf.types import Medium, SourceKind

PEER = "abcdefghij234567"

CONTRACT: list[tuple[str, AnyCommand]] = [
    ('{"do":"chat","text":"hi"}', commands.Chat(text="hi")),
    (f'{{"do":"chat","text":"hi","to":"{PEER}","id":7}}', commands.Chat(text="hi", to=PEER, id=7)),
    ('{"do":"source","source":"mic","on":true}', commands.Source(source=SourceKind.MIC, on=True)),
    (
        '{"do":"source","source":"screen","on":true,"from":"file:a.mp4"}',
        commands.Source(source=SourceKind.SCREEN, on=True, spec="file:a.mp4"),
    ),
    ('{"do":"freeze"}', Freeze()),
    ('{"do":"blank","on":false}', Blank(on=False)),
    (f'{{"do":"volume","peer":"{PEER}","gain_db":-6}}', talk.Volume(peer=PEER, gain_db=-6)),
    ('{"do":"mute"}', talk.Mute()),
    ('{"do":"unmute"}', talk.Unmute()),
    ('{"do":"ptt","state":"down"}', talk.PushToTalk(state="down")),
    ('{"do":"while_muted","mic":"release"}', talk.WhileMuted(mic="release")),
    ('{"do":"deafen"}', talk.Deafen()),
    ('{"do":"sounds","on":false}', talk.Sounds(on=False)),
    ('{"do":"hand","up":true}', talk.Hand(up=True)),
    ('{"do":"play","from":"file:/a.ogg","at_s":2}', talk.Play(place="file:/a.ogg", at_s=2)),
    ('{"do":"pause"}', talk.Pause()),
    ('{"do":"resume"}', talk.Resume()),
    ('{"do":"stop"}', talk.Stop()),
    ('{"do":"seek","by_s":-10}', talk.Seek(by_s=-10)),
    (
        f'{{"do":"want","peer":"{PEER}","source":"camera","height":360,"fps":15,"paused":false}}',
        commands.Want(peer=PEER, source=SourceKind.CAMERA, height=360, fps=15),
    ),
    (
        f'{{"do":"view","peer":"{PEER}","source":"screen","height":58,"fps":10}}',
        face_commands.View(peer=PEER, source=SourceKind.SCREEN, height=58, fps=10),
    ),
    ('{"do":"rotate_code"}', commands.RotateCode()),
    (f'{{"do":"transfer_host","peer":"{PEER}"}}', commands.TransferHost(peer=PEER)),
    (f'{{"do":"appoint","peer":"{PEER}"}}', commands.Appoint(peer=PEER)),
    (f'{{"do":"dismiss","peer":"{PEER}"}}', commands.Dismiss(peer=PEER)),
    (f'{{"do":"remove","peer":"{PEER}"}}', commands.Remove(peer=PEER)),
    (f'{{"do":"admit","peer":"{PEER}"}}', commands.Admit(peer=PEER)),
    (f'{{"do":"deny","peer":"{PEER}"}}', commands.Deny(peer=PEER)),
    ('{"do":"forbid","kind":"audio"}', commands.Forbid(kind=Medium.AUDIO)),
    (f'{{"do":"permit","kind":"control","peer":"{PEER}"}}', commands.Permit(kind=Medium.CONTROL, peer=PEER)),
    ('{"do":"speaker","to":"Desk Speaker"}', sound_commands.Speaker(to="Desk Speaker")),
    ('{"do":"music","on":true}', sound_commands.Music(on=True)),
    ('{"do":"devices"}', sound_commands.ListDevices()),
    ('{"do":"lock"}', commands.Lock()),
    ('{"do":"unlock"}', commands.Unlock()),
    ('{"do":"lobby_on"}', commands.LobbyOn()),
    ('{"do":"lobby_off"}', commands.LobbyOff()),
    ('{"do":"history_on"}', commands.HistoryOn()),
    ('{"do":"history_off"}', commands.HistoryOff()),
    ('{"do":"end"}', commands.End()),
    (f'{{"do":"verify","peer":"{PEER}"}}', commands.Verify(peer=PEER)),
    (f'{{"do":"trust","peer":"{PEER}"}}', commands.Trust(peer=PEER)),
    ('{"do":"leave","id":0}', commands.Leave(id=0)),
    (f'{{"do":"control_request","peer":"{PEER}"}}', ControlRequest(peer=PEER)),
    (f'{{"do":"control_release","peer":"{PEER}"}}', ControlRelease(peer=PEER)),
    (f'{{"do":"control_grant","peer":"{PEER}"}}', ControlGrant(peer=PEER, minutes=15)),
    (f'{{"do":"control_grant","peer":"{PEER}","minutes":0}}', ControlGrant(peer=PEER, minutes=0)),
    (f'{{"do":"control_deny","peer":"{PEER}"}}', ControlDeny(peer=PEER)),
    (f'{{"do":"control_revoke","peer":"{PEER}"}}', ControlRevoke(peer=PEER)),
    ('{"do":"control_revoke"}', ControlRevoke()),
    (f'{{"do":"input","peer":"{PEER}","kind":"text","text":"é"}}', Input(peer=PEER, kind="text", text="é")),
    (f'{{"do":"copy","peer":"{PEER}","text":"é"}}', Copy(peer=PEER, text="é")),
    (f'{{"do":"point","peer":"{PEER}","x":0.5,"y":1,"pen":true}}', Point(peer=PEER, x=0.5, y=1, pen=True)),
    (f'{{"do":"point_with_mouse","peer":"{PEER}","on":true}}', PointWithMouse(peer=PEER, on=True)),
    ('{"do":"clean_mic","on":false}', commands.CleanMic(on=False)),
    ('{"do":"layout","layout":"stage"}', commands.Arrange(layout="stage")),
    ('{"do":"typing"}', commands.Typing()),
    ('{"do":"subscribe","stats":false}', face_commands.Subscribe(stats=False)),
]


@pytest.mark.parametrize(("text", "command"), CONTRACT)
def test_the_commands_of_the_contract_are_understood(text: str, command: AnyCommand) -> None:
    assert parse(text) == parse(text.encode()) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"do":"dance"}',
        '{"do":"chat"}',
        '{"do":"chat","text":""}',
        '{"do":"chat","text":"x","id":"seven"}',
        '{"do":"source","source":"nose","on":true}',
        '{"do":"source","source":"mic","on":"yes"}',
        '{"do":"volume","peer":"p","gain_db":21}',
        '{"do":"volume","peer":"","gain_db":0}',
        '{"do":"want","peer":"p","source":"camera","height":8193}',
        '{"do":"remove"}',
        '{"do":"forbid","kind":"noise"}',
        '{"do":"forbid","peer":"p"}',
        "[" * 10_000,
    ],
)
def test_what_does_not_fit_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.code == "usage"


@pytest.mark.parametrize(
    "text", ["chat hello", "", "[]", "{}", '{"do":5}', b'{"do":"chat","text":"\xff"}', "[" * 10_000]
)
def test_what_is_no_command_at_all_is_shown_one(text: bytes | str) -> None:
    with pytest.raises(UnreadableCommand, match="one JSON object a line") as caught:
        parse(text)
    parse(str(caught.value).partition("such as ")[2])


def test_an_unknown_command_is_told_all_known_ones() -> None:
    with pytest.raises(UnreadableCommand, match=r"no command 'dance'; known are chat, .*, leave") as caught:
        parse('{"do":"dance","id":3}')
    assert caught.value.id == 3
    assert set(commands.NAMES) == {json.loads(text)["do"] for text, _ in CONTRACT}


def test_a_field_that_does_not_fit_is_named() -> None:
    with pytest.raises(UnreadableCommand, match=r"source does not fit: .*'nose' - at `\$.source`"):
        parse('{"do":"source","source":"nose","on":true}')


def test_a_refused_command_keeps_its_id() -> None:
    with pytest.raises(UnreadableCommand) as caught:
        parse('{"do":"chat","id":12}')
    assert caught.value.id == 12


def test_a_command_longer_than_any_needs_to_be_is_refused() -> None:
    with pytest.raises(UsageError, match=str(MAX_COMMAND)):
        parse(b" " * (MAX_COMMAND + 1))


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_line_is_a_command_or_a_usage_error(text: bytes | str) -> None:
    try:
        parse(text)
    except UsageError:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["id", "text", "to", "source", "on", "from", "peer", "gain_db", "height", "fps", "paused", "kind"]


@given(
    st.sampled_from(["chat", "source", "volume", "want", "forbid", "remove", "leave", "input"]),
    st.dictionaries(st.sampled_from(FIELDS), JSON),
)
def test_any_fields_are_a_command_or_a_usage_error(verb: str, fields: dict[str, object]) -> None:
    try:
        parse(json.dumps({"do": verb, **fields}))
    except UsageError:
        pass
