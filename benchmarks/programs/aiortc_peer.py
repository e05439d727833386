"""A participant on aiortc's stock API, as its documentation would have it written: none of our hooks.

`python -m benchmarks.programs.aiortc_peer TASK`: camera and microphone are relayed to a connection per peer with
`MediaRelay`, so every peer has an encoder of its own; what comes is taken from the tracks and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError

from benchmarks.programs.lines import Line, LoopLag, say, serve
from benchmarks.reading import FreezeMeter
from benchmarks.scene import Scene
from meshconf.devices.synthetic import Tone
from meshconf.media import stamp

_CLOCK = 90_000
_OPUS_RATE = 50
"""Blocks of sound a second."""


class Camera(MediaStreamTrack):
    """The scene, paced."""

    kind = "video"

    def __init__(self, file: Path, fps: int) -> None:
        super().__init__()
        self._scene = Scene(file, fps)
        self._fps = fps
        self._begun = 0.0
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        self._begun = self._begun or time.monotonic()
        await asyncio.sleep(self._begun + self._number / self._fps - time.monotonic())
        frame = av.VideoFrame.from_ndarray(self._scene.paint(time.time()), format="yuv420p")
        frame.pts = self._number * _CLOCK // self._fps
        frame.time_base = Fraction(1, _CLOCK)
        self._number += 1
        return frame


class Microphone(MediaStreamTrack):
    """A tone, paced."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._tone = Tone(440)
        self._samples = 0

    async def recv(self) -> av.AudioFrame:
        block = await self._tone.read()
        frame = av.AudioFrame.from_ndarray(block[None], format="s16", layout="mono")
        frame.sample_rate = 48_000
        frame.time_base = Fraction(1, 48_000)
        frame.pts = self._samples
        self._samples += len(block)
        return frame


@dataclass
class View:
    """What came from one peer since the last second."""

    connection: RTCPeerConnection
    pictures: int = 0
    blocks: int = 0
    height: int = 0
    width: int = 0
    octets: int = 0
    heard: bool = False
    delays: list[float] = field(default_factory=list)
    freezes: FreezeMeter = field(default_factory=FreezeMeter)


class Participant:
    """Holds a connection per peer."""

    def __init__(self, task: dict[str, Any]) -> None:
        self._task = task
        self._views: dict[str, View] = {}
        self._relay = MediaRelay()
        self._tracks: list[MediaStreamTrack] = []
        if "scene" in task:
            self._tracks = [Microphone(), Camera(Path(task["scene"]), task["fps"])]
        self._watching: set[asyncio.Task[None]] = set()

    async def obey(self, command: Line) -> str:
        """Carry out one command of the signaling."""
        peer, sdp = command["peer"], command["sdp"]
        if command["do"] == "accept":
            await self._views[peer].connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
            return ""
        connection = self._connection(peer)
        if command["do"] == "answer":
            await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            await connection.setLocalDescription(await connection.createAnswer())
        else:
            await connection.setLocalDescription(await connection.createOffer())
        return str(connection.localDescription.sdp)

    def _connection(self, peer: str) -> RTCPeerConnection:
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        connection = RTCPeerConnection(configuration)
        view = self._views[peer] = View(connection)
        for track in self._tracks:
            # Unbuffered: a live picture that nobody has taken makes room for the next.
            connection.addTrack(self._relay.subscribe(track, buffered=False))
        if self._tracks:
            wanted = (f"video/{self._task['codec']}", "video/rtx")
            known = RTCRtpSender.getCapabilities("video").codecs
            (video,) = (one for one in connection.getTransceivers() if one.kind == "video")
            video.setCodecPreferences([codec for codec in known if codec.mimeType in wanted])

        @connection.on("track")
        def arrived(track: MediaStreamTrack) -> None:
            work = self._watch(track, view) if track.kind == "video" else self._listen(track, view)
            watching = asyncio.create_task(work)
            self._watching.add(watching)
            watching.add_done_callback(self._watching.discard)

        return connection

    async def _watch(self, track: MediaStreamTrack, view: View) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                now = time.time()
                view.pictures += 1
                view.width, view.height = frame.width, frame.height
                view.freezes.picture(now)
                # Of one picture a second in any case: that costs nothing.
                if (self._task["stamps"] or not view.delays) and (stamped := stamp.read(_luma(frame))) is not None:
                    view.delays.append(round(now * 1000 % stamp.WRAP - stamped, 1))

    async def _listen(self, track: MediaStreamTrack, view: View) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()
                view.blocks += 1
                view.heard = True

    async def report(self, lag: LoopLag) -> None:
        """Say once a second what came."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(before + 1.0 - time.monotonic())
            elapsed, before = time.monotonic() - before, time.monotonic()
            links = [await _reading(peer, view, elapsed) for peer, view in list(self._views.items())]
            say({"event": "stats", "seat": self._task["seat"], "links": links, "loop_lag_ms": lag.take_ms()})


async def _reading(peer: str, view: View, elapsed: float) -> Line:
    frozen, freezes = view.freezes.take(time.time())
    octets = 0
    for report in (await view.connection.getStats()).values():
        if report.type == "transport":
            octets = report.bytesReceived
    fresh, view.octets = octets - view.octets, octets
    camera = {
        "source": "camera", "width": view.width, "height": view.height, "fps": view.pictures / elapsed,
        "frozen_ms": frozen, "freezes_ms": freezes, "delays_ms": view.delays,
    }  # fmt: skip
    # What is missing was not made up but left out.
    missing = max(0.0, 1 - view.blocks / elapsed / _OPUS_RATE) if view.heard else None
    sound = {"source": "mic", "fps": view.blocks / elapsed, "concealed": missing}
    view.pictures, view.blocks, view.delays = 0, 0, []
    return {"peer": peer, "down_bps": fresh * 8 / elapsed, "sources": [camera, sound]}


def _luma(frame: av.VideoFrame) -> Any:
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:, : frame.width]


async def main() -> None:
    """Take part until stdin ends."""
    participant, lag = Participant(json.loads(sys.argv[1])), LoopLag()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(lag.run()), group.create_task(participant.report(lag))]
        await serve(participant.obey)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
