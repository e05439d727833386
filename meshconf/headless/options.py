"""The options of `meshconf host` and `meshconf join`, as argparse arguments and as `Options`: written once.

Imports nothing heavy: `meshconf --help` needs it.
"""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import asdict
from typing import NoReturn, get_args
from urllib.parse import urlsplit

from meshconf.config import MutedMic, Options
from meshconf.errors import UsageError

_ENGINE_OPTIONS = (
    "name", "title", "rendezvous", "no_lan", "listed", "camera", "mic", "speaker", "screen", "stun", "turn",
    "relay_only", "no_windows", "stats", "start_muted", "push_to_talk", "muted_mic", "no_sounds", "raw_mic", "music",
)  # fmt: skip


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of exit.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{message}; see `{self.prog} --help`")


def add_meeting_options(parser: argparse.ArgumentParser) -> None:
    """Options that both host and join have."""
    people = parser.add_argument_group("people and devices")
    people.add_argument("--name", metavar="NAME", default="", help="what others see (default: your login name)")
    for device, what, which in (
        ("camera", "picture", "NAME"),
        ("mic", "sound", "NAME"),
        ("screen", "screen", "NUMBER, all, region:WxH+X+Y"),
    ):
        people.add_argument(
            f"--{device}", metavar="SRC", default="none", help=f"{what}: none, default, {which}, test, file:PATH, URL"
        )
    people.add_argument("--start-muted", action="store_true", help="begin with the microphone muted")
    people.add_argument("--push-to-talk", action="store_true", help="be heard only while a key is held")
    people.add_argument(
        "--muted-mic",
        choices=get_args(MutedMic),
        help="a muted microphone: keep it open, release it, or listen here, to tell you when you talk all the same",
    )
    people.add_argument("--music", action="store_true", help="send your microphone as music: stereo, and as it is")
    people.add_argument("--raw-mic", action="store_true", help="leave echo and noise in your microphone, as for music")
    people.add_argument("--no-sounds", action="store_true", help="no small sounds when somebody comes or goes")
    people.add_argument("--speaker", metavar="DST", default=None, help="default, NAME, null (nowhere), none")
    people.add_argument("--no-windows", action="store_true", help="show no pictures in windows")
    network = parser.add_argument_group("network")
    network.add_argument(
        "--rendezvous",
        metavar="URL",
        type=rendezvous_address,
        default=os.environ.get("MESHCONF_RENDEZVOUS"),
        help="ws:// or wss:// address where newcomers find the meeting (also MESHCONF_RENDEZVOUS)",
    )
    network.add_argument("--no-lan", action="store_true", help="neither announce nor look on the local network")
    network.add_argument("--stun", metavar="URL", help="stun:HOST:PORT that tells us our public address")
    network.add_argument("--turn", metavar="URL", help="turn:USER:PASSWORD@HOST:PORT that relays for us")
    network.add_argument("--relay-only", action="store_true", help="hide our address from the others behind the relay")
    scripts = parser.add_argument_group("scripts")
    scripts.add_argument("--headless", action="store_true", help="no face: JSON lines on stdout and stdin")
    scripts.add_argument("--seconds", metavar="N", type=seconds, help="leave after N seconds")
    scripts.add_argument("--stats", action="store_true", help="one stats event a second")
    scripts.add_argument("--log", metavar="FILE", help="write a log there")


def add_host_options(parser: argparse.ArgumentParser) -> None:
    """Options that only the one who starts a meeting has."""
    parser.add_argument("--listed", action="store_true", help="show the title to everybody on the local network")


def options_of(arguments: argparse.Namespace) -> Options:
    """The record behind parsed arguments; the speaker's default depends on whether a person listens."""
    headless = getattr(arguments, "headless", False)
    return Options(
        name=arguments.name,
        title=getattr(arguments, "title", None) or "",
        rendezvous=arguments.rendezvous,
        lan=not arguments.no_lan,
        listed=getattr(arguments, "listed", False),
        camera=arguments.camera,
        mic=arguments.mic,
        speaker=arguments.speaker or ("null" if headless else "default"),
        screen=arguments.screen,
        stun=arguments.stun,
        turn=arguments.turn,
        relay_only=arguments.relay_only,
        windows=not arguments.no_windows,
        start_muted=arguments.start_muted,
        push_to_talk=arguments.push_to_talk,
        muted_mic=arguments.muted_mic,
        sounds=not arguments.no_sounds,
        raw_mic=arguments.raw_mic,
        music=arguments.music,
        stats=arguments.stats,
    )


def seconds(text: str) -> float:
    """A time to last, as an argument.

    Raises:
        ArgumentTypeError: it is no number, negative or endless.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def rendezvous_address(text: str) -> str | None:
    """The address of a rendezvous, as an argument; None for an empty one.

    Raises:
        ArgumentTypeError: it cannot be one.
    """
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # broken brackets, or a port beyond all ports
        fits = False
    if text and not fits:
        raise argparse.ArgumentTypeError(f"{text!r} is not the address of a rendezvous; one looks like wss://host")
    return text or None


def engine_arguments(options: Options) -> list[str]:
    """The command line that gives an engine these options."""
    given = {**asdict(options), "no_lan": not options.lan, "no_windows": not options.windows}
    given["no_sounds"] = not options.sounds
    line: list[str] = []
    for name in _ENGINE_OPTIONS:
        if given[name] is True:
            line.append("--" + name.replace("_", "-"))
        elif given[name]:
            line.append(f"--{name.replace('_', '-')}={given[name]}")
    return line


def parser() -> Parser:
    """The engine's own parser: host and join alike, the title as an option."""
    engine = Parser(prog="meshconf.headless")
    engine.add_argument("what", choices=("host", "join"))
    engine.add_argument("--title", default="")
    add_meeting_options(engine)
    add_host_options(engine)
    return engine
