"""Lip sync: how much later one stream of a sender is shown than another, from the times in its sender reports."""

from __future__ import annotations

from meshconf.media.rtp.rtcp import SenderReport

_TURN = 1 << 32


def lateness(report: SenderReport, clock_rate: int, timestamp: int, at: float) -> float:
    """Seconds from the capture of a moment to its play-out, plus what the two machines' clocks differ.

    The difference of the clocks is the same for all streams of one sender, so that only differences between two of its
    streams mean anything.

    Args:
        report: of this stream, the last one.
        clock_rate: of its timestamps, in Hz.
        timestamp: the moment, in 32 bits or unwrapped.
        at: monotonic seconds when it was played or shown here.
    """
    since = (timestamp - report.rtp_timestamp + _TURN // 2) % _TURN - _TURN // 2
    return at - (report.ntp / _TURN + since / clock_rate)
