"""H.264 for calls: by hardware where some works, else by x264; baseline, one slice, keyframes only when asked for.

All give Annex B with SPS and PPS before each keyframe, so that a viewer can begin there (RFC 6184, 8.4). Which hardware
works is found out by trials in processes of their own, since a broken driver may crash or hang; once in our life.
"""

from __future__ import annotations

import functools
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import av

from meshconf.codec.encoder import EncoderFailed, VideoEncoder
from meshconf.codec.libav import Format, Implementation, LibavEncoder

_logger = logging.getLogger("meshconf.codec")

TRIAL_SECONDS = 8.0
"""How long a trial of one hardware encoder may take, the start of Python included."""

_SMALL = 640 * 360
"""Pixels up to which x264 uses `superfast`. `ultrafast` costs a third less, but finds no motion between pixels: nearly
as good for somebody before a wall, 7 dB worse where detail moves."""


def _x264(wanted: Format) -> dict[str, str]:
    small = wanted.width * wanted.height <= _SMALL
    # VBV cannot be resized while x264 runs: a quarter of a second at first, and what it needs at the ceiling.
    buffer = max(wanted.bitrate_bps // 4, wanted.ceiling_bps * 3 // (2 * wanted.fps))
    return {
        "preset": "superfast" if small else "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        # Mean equal to peak is constant bitrate to x264, and then `bit_rate` moves both; but never above the first.
        "maxrate": str(wanted.ceiling_bps),
        "bufsize": str(buffer),
        "x264-params": "keyint=infinite:scenecut=0:slices=1",
    }


def _nvenc(wanted: Format) -> dict[str, str]:
    return {
        "preset": "p2",
        "tune": "ull",
        "profile": "baseline",
        "rc": "cbr",
        "zerolatency": "1",
        "delay": "0",
        "forced-idr": "1",
        "no-scenecut": "1",
        "bufsize": str(wanted.bitrate_bps // 4),
    }


def _qsv(wanted: Format) -> dict[str, str]:
    return {
        "preset": "veryfast",
        "profile": "baseline",
        "async_depth": "1",
        "forced_idr": "1",
        "scenario": "videoconference",
        "look_ahead": "0",
        "maxrate": str(wanted.bitrate_bps),
        "bufsize": str(wanted.bitrate_bps // 4),
    }


def _vaapi(wanted: Format) -> dict[str, str]:
    return {
        "profile": "constrained_baseline",
        "rc_mode": "CBR",
        "async_depth": "1",
        "maxrate": str(wanted.bitrate_bps),
        "bufsize": str(wanted.bitrate_bps // 4),
    }


def _videotoolbox(_: Format) -> dict[str, str]:
    return {"profile": "baseline", "realtime": "1", "prio_speed": "1", "allow_sw": "0"}


def _amf(wanted: Format) -> dict[str, str]:
    return {
        "usage": "ultralowlatency",
        "profile": "constrained_baseline",
        "quality": "speed",
        "rc": "cbr",
        "forced_idr": "1",
        "bufsize": str(wanted.bitrate_bps // 4),
    }


def _media_foundation(_: Format) -> dict[str, str]:
    return {"rate_control": "cbr", "scenario": "video_conference", "hw_encoding": "1"}


def _no_options(_: Format) -> dict[str, str]:
    return {}


X264 = Implementation("libx264", "H264", _x264, run_time_bitrate=True, opens_at_ceiling=True)
"""Software; costs half of VP8 to encode, and a third of it to decode."""

HARDWARE = (
    Implementation("h264_videotoolbox", "H264", _videotoolbox),
    Implementation("h264_nvenc", "H264", _nvenc, run_time_bitrate=True),
    Implementation("h264_qsv", "H264", _qsv, run_time_bitrate=True, pixel_format="nv12"),
    Implementation("h264_amf", "H264", _amf),
    Implementation("h264_mf", "H264", _media_foundation, pixel_format="nv12"),
    Implementation("h264_vaapi", "H264", _vaapi, pixel_format="nv12", device="vaapi"),
    Implementation("h264_v4l2m2m", "H264", _no_options),
)
"""In the order in which they are tried."""

_DEVICES = {
    "h264_nvenc": "nvidia0",
    "h264_qsv": "dri/renderD*",
    "h264_amf": "dri/renderD*",
    "h264_vaapi": "dri/renderD*",
    "h264_v4l2m2m": "video1[0-9]",
}
"""Linux: without these files below /dev a trial is not worth its half second."""

_distrusted: set[str] = set()
_looking = threading.Lock()


def hardware() -> Implementation | None:
    """The hardware encoder that works on this machine; None without one.

    The first call may take seconds: keep it off the event loop. Later ones take nothing.
    """
    with _looking:
        found = _find_hardware()
    return None if found is None or found.name in _distrusted else found


def software() -> bool:
    """Whether x264 is built into this libavcodec."""
    return X264.name in av.codecs_available


def open_h264(wanted: Format) -> VideoEncoder:
    """An encoder by hardware if that works, also for this size, else by x264.

    Raises:
        ValueError: the size is odd or anything is not positive.
        EncoderFailed: neither works.
    """
    if implementation := hardware():
        try:
            return LibavEncoder(implementation, wanted)
        except EncoderFailed as error:
            _logger.info("%s; x264 takes over", error)
    return LibavEncoder(X264, wanted)


def distrust(name: str) -> bool:
    """Never use this hardware encoder again: it failed in a call. Returns whether it is one that was trusted so far."""
    if name in _distrusted or name not in {implementation.name for implementation in HARDWARE}:
        return False
    _distrusted.add(name)
    return True


@functools.cache
def _find_hardware() -> Implementation | None:
    for implementation in _candidates():
        if _survives_trial(implementation.name):
            _logger.info("H.264 is encoded by %s", implementation.name)
            return implementation
    return None


def _candidates() -> Iterator[Implementation]:
    for implementation in HARDWARE:
        pattern = _DEVICES.get(implementation.name)
        if implementation.name not in av.codecs_available:
            continue
        if sys.platform != "linux" or pattern is None or any(Path("/dev").glob(pattern)):
            yield implementation


def _survives_trial(name: str) -> bool:
    command = [sys.executable, "-m", "meshconf.codec.trial", name]
    try:
        trial = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _logger.info("%s is not used: %s", name, error)
        return False
    if trial.returncode:
        _logger.info("%s is not used: its trial ended with %d", name, trial.returncode)
    return trial.returncode == 0
