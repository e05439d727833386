"""What a person asked for reaches the engine, which is another process."""

from __future__ import annotations

from dataclasses import fields

import pytest

from meshconf.config import Options
from meshconf.headless.options import engine_arguments, options_of, parser

ASKED = Options(
    name="Ana B",
    title="--odd title",
    rendezvous="wss://meet.example.org",
    lan=False,
    listed=True,
    camera="test",
    mic="file:/tmp/a b.wav",
    speaker="default",
    screen="2",
    stun="stun:stun.example.org",
    turn="turn:ana:secret@turn.example.org",
    relay_only=True,
    windows=False,
    stats=True,
    start_muted=True,
    push_to_talk=True,
    muted_mic="listen",
    sounds=False,
    raw_mic=True,
    music=True,
)
NOT_OFFERED = {"loopback", "camera_size", "codec", "unseen_pictures"}
"""Options of Python alone."""


@pytest.mark.parametrize("options", [Options(), ASKED])
def test_an_engine_reads_from_its_command_line_what_its_face_was_asked_for(options: Options) -> None:
    assert options_of(parser().parse_args(["host", *engine_arguments(options)])) == options


def test_no_option_is_left_out() -> None:
    usual = Options()
    same = {field.name for field in fields(Options) if getattr(ASKED, field.name) == getattr(usual, field.name)}
    assert same == NOT_OFFERED
