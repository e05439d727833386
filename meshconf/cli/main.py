"""The `meshconf` command: one small function for each subcommand, imported only when it runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from meshconf import __version__
from meshconf.headless.failure import fail
from meshconf.headless.logs import log_to
from meshconf.headless.options import Parser, add_host_options, add_meeting_options, seconds
from meshconf.headless.streams import give_up_stdout, make_whole

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (see `meshconf.errors`), never raises."""
    make_whole()
    logging.getLogger("meshconf").addHandler(logging.NullHandler())  # people get sentences, --log the rest
    line = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return _run(line)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        give_up_stdout()  # whoever read us has read enough
        return 0
    except SystemExit as end:  # --help, --version
        return int(end.code or 0)
    except Exception as error:
        code = fail(error, as_json=_wants_json(line))
        if isinstance(error, OSError):
            give_up_stdout()
        return code


def _wants_json(line: list[str]) -> bool:
    """Whether JSON lines were asked for; known before, and also when, the line makes no sense otherwise."""
    return "--headless" in line and "demo" not in line[:1]


def _run(line: list[str]) -> int:
    if line[:1] == ["rendezvous"]:
        # Its options are its own: our parser would take them for unknown ones of ours.
        from rendezvous.__main__ import main as serve

        return serve(line[1:])
    arguments = _parser().parse_args(line)
    log_to(getattr(arguments, "log", None))
    match arguments.command:
        case "host":
            from meshconf.cli.meeting import host

            return host(arguments)
        case "join":
            from meshconf.cli.meeting import join

            return join(arguments)
        case "rooms":
            from meshconf.cli.rooms import rooms

            return rooms(as_json=arguments.json)
        case "attach":
            from meshconf.cli.meeting import attach

            return attach(arguments)
        case "ctl":
            from meshconf.cli.ctl import ctl

            return ctl(arguments.word, engine=arguments.engine)
        case "devices":
            from meshconf.cli.devices import devices

            return devices(as_json=arguments.json)
        case "doctor":
            from meshconf.cli.doctor import doctor

            return doctor(arguments.rendezvous, as_json=arguments.json)
        case "demo":
            from meshconf.cli.demo import demo

            return demo(headless=arguments.headless, seconds=arguments.seconds)
        case _:
            from meshconf.cli.meeting import start_page

            return start_page()


def _parser() -> Parser:
    parser = Parser(
        prog="meshconf", description="Meetings that start from a terminal: peer to peer, encrypted end to end."
    )
    parser.add_argument("--version", action="version", version=f"meshconf {__version__}")
    verbs = parser.add_subparsers(dest="command", metavar="COMMAND")

    host = verbs.add_parser("host", help="start a meeting")
    host.add_argument("title", metavar="TITLE", nargs="?", default="", help="the meeting's title")
    add_meeting_options(host)
    add_host_options(host)

    join = verbs.add_parser("join", help="join by code or link; with none: MESHCONF_INVITE, stdin, or be asked")
    join.add_argument("invite", metavar="INVITE", nargs="*", help="code or link; - reads it from stdin")
    add_meeting_options(join)

    rooms = verbs.add_parser("rooms", help="meetings on this local network")
    rooms.add_argument("--json", action="store_true")

    attach = verbs.add_parser("attach", help="show a meeting that runs on this machine")
    attach.add_argument("--engine", metavar="N", help="its number, where several run")
    attach.add_argument("--headless", action="store_true", help="JSON lines instead of the terminal face")

    ctl = verbs.add_parser("ctl", help="send one command to a meeting that runs on this machine")
    ctl.add_argument("--engine", metavar="N", help="its number, where several run")
    ctl.add_argument(
        "word", metavar="WORD", nargs="+", help='such as: camera on | leave | {"do":...}; help lists all commands'
    )

    devices = verbs.add_parser("devices", help="what this machine has")
    devices.add_argument("--json", action="store_true")

    doctor = verbs.add_parser("doctor", help="what works, what does not, and what mends it")
    doctor.add_argument("--rendezvous", metavar="URL", help="also check this rendezvous")
    doctor.add_argument("--json", action="store_true")

    demo = verbs.add_parser("demo", help="a meeting on this machine with simulated guests")
    demo.add_argument("--headless", action="store_true", help="no face: run, then print who saw and heard whom")
    demo.add_argument("--seconds", metavar="N", type=seconds, default=15.0, help="how long without a face (15)")

    verbs.add_parser("rendezvous", help="run the rendezvous")
    return parser
