"""Whole pictures out of aiortc's buffer, and decoders that end quickly."""

from __future__ import annotations

import queue
import threading
import time
from types import SimpleNamespace
from typing import Any

from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket

from meshconf.rtc.receiver_hooks import stop_decoder, take_whole_frame


def _packet(sequence: int, timestamp: int, *, last: bool) -> RtpPacket:
    packet = RtpPacket(sequence_number=sequence & 0xFFFF, timestamp=timestamp)
    packet.marker = int(last)
    packet._data = bytes([sequence & 0xFF])  # type: ignore[attr-defined]
    return packet


def test_a_picture_is_taken_at_its_marker_bit() -> None:
    buffer = JitterBuffer(capacity=16, is_video=True)
    assert take_whole_frame(buffer) is None
    buffer.add(_packet(65_535, 0, last=False))
    assert take_whole_frame(buffer) is None
    buffer.add(_packet(65_536, 0, last=True))
    frame = take_whole_frame(buffer)
    assert frame is not None
    assert (frame.data, frame.timestamp) == (b"\xff\x00", 0)
    assert take_whole_frame(buffer) is None


def test_a_repaired_hole_lets_all_pictures_behind_it_go() -> None:
    buffer = JitterBuffer(capacity=16, is_video=True)
    for sequence in (0, 1, 3, 4, 5):
        buffer.add(_packet(sequence, sequence * 100, last=True))
        if sequence < 2:
            assert take_whole_frame(buffer) is not None
    assert take_whole_frame(buffer) is None
    _, repaired = buffer.add(_packet(2, 200, last=True))
    rest = [repaired.timestamp] if repaired else []
    while frame := take_whole_frame(buffer):
        rest.append(frame.timestamp)
    assert rest == [200, 300, 400, 500]


def test_stopping_a_decoder_does_not_wait_for_its_backlog() -> None:
    waiting: queue.Queue[Any] = queue.Queue()
    decoded: list[Any] = []

    def decode() -> None:
        while (task := waiting.get()) is not None:
            time.sleep(0.02)
            decoded.append(task)

    thread = threading.Thread(target=decode)
    thread.start()
    for number in range(1_000):
        waiting.put(number)
    receiver: Any = SimpleNamespace(_RTCRtpReceiver__decoder_thread=thread, _RTCRtpReceiver__decoder_queue=waiting)
    stop_decoder(receiver)
    assert not thread.is_alive()
    assert len(decoded) < 50
    stop_decoder(receiver)
