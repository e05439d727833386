"""A private sound server with made-up sound cards, so that microphones and speakers work on a machine without any.

A process with `SoundServer.env` uses the server as desktops do; with `SoundServer.alsa_env` it finds none, and the same
cards through PortAudio and ALSA, as on a machine without one. PortAudio reads ALSA's configuration once, when it is
loaded, and libpulse its environment: run what is to use the cards in a process of its own. The server listens on a
file, so it is reachable from every network namespace.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_DEADLINE = 10.0
_ALSA = Path("/usr/share/alsa/alsa.conf")


@dataclass(frozen=True)
class Card:
    """A sound card: what is played goes to the sink `NAME_spk`, what is heard comes from the sink `NAME_mic`."""

    name: str
    """Of its microphone and its speaker, in the server's list and in PortAudio's."""
    loop: bool = False
    """Whether its microphone hears its own speaker."""
    rate: int = 48_000
    """Hz of its microphone and its speaker."""

    @property
    def speaker(self) -> str:
        """Sink that plays; its `.monitor` is what somebody in the room would hear."""
        return f"{self.name}_spk"

    @property
    def microphone(self) -> str:
        """Sink whose monitor is heard: play into it to speak."""
        return self.speaker if self.loop else f"{self.name}_mic"


def missing() -> str | None:
    """Why there can be no sound server here, or None when there can."""
    for tool in ("pulseaudio", "pactl"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (sudo apt install pulseaudio pulseaudio-utils)"
    if not _ALSA.exists() or not list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")):
        return "ALSA's PulseAudio plug-in is not installed (sudo apt install libasound2-plugins)"
    return None


class SoundServer:
    """A running PulseAudio of its own; a context manager."""

    def __init__(self, cards: Sequence[Card]) -> None:
        """Describe the cards; the first is also the default device."""
        self._cards = cards
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path()
        self._modules: dict[Card, list[str]] = {}
        self.env: dict[str, str] = {}
        """The environment of a process that is to use the cards."""
        self.alsa_env: dict[str, str] = {}
        """The same for one that is to find no sound server."""

    def __enter__(self) -> SoundServer:
        # Not pytest's folder: a Unix socket's path must be short.
        self._folder = Path(tempfile.mkdtemp(prefix="sound-"))
        (self._folder / "asound.conf").write_text(self._alsa_configuration())
        self.env = {
            **os.environ,
            "PULSE_SERVER": f"unix:{self._folder}/pulse.sock",
            "PULSE_RUNTIME_PATH": str(self._folder),
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
            "HOME": str(self._folder),
        }
        self.alsa_env = {**self.env, "PULSE_SERVER": f"unix:{self._folder}/nobody.sock"}
        log = (self._folder / "log").open("wb")
        with log:
            self._process = subprocess.Popen(
                self._command(), env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        deadline = time.monotonic() + _DEADLINE
        while self._pactl("info").returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self._folder / "log").read_text(errors="replace")
                self.__exit__(None, None, None)
                raise RuntimeError(f"pulseaudio does not start: {said[-1000:]}")
            time.sleep(0.05)
        for card in self._cards:
            self.plug(card)
        if self._cards:
            self.make_default(self._cards[0])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def plug(self, card: Card) -> None:
        """Add a card."""
        # Without norewinds the first second of every stream is silence.
        null = f"module-null-sink rate={card.rate} channels=1 channel_map=mono norewinds=1"
        names = {card.speaker: card.name, card.microphone: f"{card.name}-microphone"}
        if card.loop:
            names = {card.speaker: card.name}
        loaded = [f"{null} sink_name={sink} sink_properties=device.description={name}" for sink, name in names.items()]
        # A monitor is no microphone; this makes one of it.
        loaded.append(
            f"module-remap-source master={card.microphone}.monitor source_name={card.name} "
            f"source_properties=device.description={card.name}"
        )
        self._modules[card] = [self._do("load-module", *module.split()).strip() for module in loaded]

    def unplug(self, card: Card) -> None:
        """Take a card away."""
        for module in reversed(self._modules.pop(card)):
            self._do("unload-module", module)

    def make_default(self, card: Card) -> None:
        """Make a card the one that `default` means."""
        self._do("set-default-sink", card.speaker)
        self._do("set-default-source", card.name)

    def kill(self) -> None:
        """Kill the server: to its clients every card is gone at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _do(self, *words: str) -> str:
        done = self._pactl(*words)
        if done.returncode:
            raise RuntimeError(f"pactl {' '.join(words)}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def _pactl(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["pactl", *words], env=self.env, capture_output=True, timeout=5, check=False)

    def _command(self) -> list[str]:
        command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        command += ["-L", f"module-native-protocol-unix socket={self._folder}/pulse.sock auth-anonymous=1"]
        return command

    def _alsa_configuration(self) -> str:
        server = f'type pulse server "unix:{self._folder}/pulse.sock"'
        shown = "hint {{ show on description {} }}"
        lines = [f"<{_ALSA}>"]
        for number, card in enumerate(self._cards):
            for name in [card.name] + (["!default"] if number == 0 else []):
                lines.append(
                    f'pcm.{name} {{ type asym playback.pcm {{ {server} device "{card.speaker}" }} '
                    f'capture.pcm {{ {server} device "{card.microphone}.monitor" }} '
                    + shown.format(f'"{name.lstrip("!")}"')
                    + " }"
                )
        return "\n".join(lines) + "\n"
