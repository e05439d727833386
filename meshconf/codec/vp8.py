"""VP8 for calls on libvpx: realtime, nothing held back, keyframes only when asked for, bitrate changed while it runs.

The settings were chosen by measuring noisy camera pictures, a moving photograph and pages of text.
"""

from __future__ import annotations

import ctypes
import functools
import logging
import weakref

import av
import numpy as np
import numpy.typing as npt

from meshconf.codec import libvpx
from meshconf.codec.encoder import EncoderFailed, PictureClock, check_size
from meshconf.errors import LocalProtocolError
from meshconf.media.encoded import Codec, EncodedFrame
from meshconf.types import PICTURE_CLOCK

_logger = logging.getLogger("meshconf.codec")

_SMALL = 320 * 240
_SPEED, _SPEED_SMALL = -8, -6
"""cpu-used; negative is a fixed speed. Beyond 8 libvpx drops quarter-pixel motion, which costs 3 dB where detail moves;
small pictures can afford a better search."""
_KEYFRAME_SECONDS = 0.15
"""A keyframe takes at most this long at the bitrate: longer delays everything behind it, shorter starts as a blur."""
_SCREEN_PROFILE = 2
"""No loop filter, bilinear motion (RFC 6386, 9.1): text stays sharp, costs a fifth less here and a quarter less at the
viewer. For cameras it would lose 3 dB wherever detail moves by fractions of a pixel.

libvpx's screen content mode is left alone: with it, blocks that stand still become sharper only a few at a time."""


class Vp8Encoder:
    """A `VideoEncoder`, see there; it reads the picture's planes in place, and other threads run meanwhile."""

    codec: Codec = "VP8"
    name = "libvpx"

    def __init__(self, width: int, height: int, fps: int, bitrate_bps: int, *, screen: bool = False) -> None:
        """Open the encoder.

        Args:
            width: pixels, even.
            height: pixels, even.
            fps: highest frame rate that will come.
            bitrate_bps: mean bitrate to keep to.
            screen: whether the pictures show text and drawings rather than the world.

        Raises:
            ValueError: the size is odd or anything is not positive.
            EncoderFailed: libvpx is missing, unknown or refuses.
        """
        check_size(width, height, fps, bitrate_bps)
        library = libvpx.load()
        if library is None:
            raise EncoderFailed("no libvpx that we know is installed")
        self._library = library
        self._size = (width, height)
        self._bitrate_bps = bitrate_bps
        self._clock = PictureClock(width, height, fps)
        self._duration = PICTURE_CLOCK // fps
        self._config = _config(library, width, height, bitrate_bps, _SCREEN_PROFILE if screen else 0)
        self._quantizer: int | None = None
        self._context = library.open(self._config)
        self._destroy = weakref.finalize(self, library.destroy, self._context)
        for control, value in (
            (libvpx.SET_CPUUSED, _SPEED_SMALL if width * height <= _SMALL else _SPEED),
            (libvpx.SET_NOISE_SENSITIVITY, 0),
            (libvpx.SET_STATIC_THRESHOLD, 100),
            # In percent of one picture's share of the bitrate.
            (libvpx.SET_MAX_INTRA_BITRATE_PCT, round(100 * max(2, _KEYFRAME_SECONDS * fps))),
        ):
            library.control(self._context, control, value)
        self._image = library.wrap(width, height)

    @property
    def bitrate_bps(self) -> int:
        """As `VideoEncoder.bitrate_bps`; never costs a keyframe."""
        return self._bitrate_bps

    @bitrate_bps.setter
    def bitrate_bps(self, value: int) -> None:
        if value <= 0:
            raise ValueError("a bitrate is positive")
        self._bitrate_bps = value
        self._config.rc_target_bitrate = _kilobits(value)
        self._library.reconfigure(self._open_context(), self._config)

    def steer(self, quantizer: int, blocks: npt.NDArray[np.bool_]) -> None:
        """As `VideoEncoder.steer`."""
        context = self._open_context()
        if quantizer != self._quantizer:
            self._quantizer = quantizer
            self._config.rc_min_quantizer = self._config.rc_max_quantizer = quantizer
            # Whoever chooses the quantizer of each picture chooses what is dropped, too.
            self._config.rc_dropframe_thresh = 0
            self._library.reconfigure(context, self._config)
        rows, columns = blocks.shape
        active = np.ascontiguousarray(blocks, np.uint8)
        self._library.activate(context, libvpx.ActiveMap(active.ctypes.data, rows, columns))

    def encode(self, frame: av.VideoFrame, *, keyframe: bool) -> EncodedFrame | None:
        """As `VideoEncoder.encode`."""
        context = self._open_context()
        time = self._clock.advance(frame, keyframe=keyframe)
        image, (width, height) = self._image, self._size
        for number, plane in enumerate(frame.planes):
            image.planes[number] = plane.buffer_ptr
            image.stride[number] = plane.line_size
        flags = libvpx.EFLAG_FORCE_KF if keyframe else 0
        for packet in self._library.encode(context, image, time, self._duration, flags):
            if packet.kind == libvpx.CODEC_CX_FRAME_PKT:
                data = ctypes.string_at(packet.buf, packet.sz)
                is_key = bool(packet.flags & libvpx.FRAME_IS_KEY)
                return EncodedFrame("VP8", data, is_key, frame.pts or 0, width=width, height=height)
        return None

    def close(self) -> None:
        """As `VideoEncoder.close`."""
        self._destroy()

    def _open_context(self) -> libvpx.Context:
        # libvpx would follow a dangling pointer.
        if not self._destroy.alive:
            raise LocalProtocolError("this encoder is closed")
        return self._context


@functools.cache
def works() -> bool:
    """Whether libvpx is there and encodes; tried once, with one small picture.

    A keyframe of VP8 carries a start code and its size (RFC 6386, 9.1): if they are right, the structures are.
    """
    picture = av.VideoFrame(48, 32, "yuv420p")
    for plane in picture.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    picture.pts = 0
    try:
        encoder = Vp8Encoder(48, 32, 30, 100_000)
        frame = encoder.encode(picture, keyframe=True)
        encoder.close()
    except EncoderFailed as error:
        _logger.warning("bitrates of VP8 cannot be changed smoothly: %s", error)
        return False
    return frame is not None and frame.data[3:10] == b"\x9d\x01\x2a\x30\x00\x20\x00"


def _config(library: libvpx.Libvpx, width: int, height: int, bitrate_bps: int, profile: int) -> libvpx.EncoderConfig:
    config = library.default_config()
    config.g_profile = profile
    config.g_w, config.g_h = width, height
    config.g_timebase_num, config.g_timebase_den = 1, PICTURE_CLOCK
    # A second thread gains little at 720p and spins while it waits.
    config.g_threads = 1
    config.kf_mode = libvpx.KF_DISABLED
    config.rc_end_usage = libvpx.CBR
    config.rc_target_bitrate = _kilobits(bitrate_bps)
    config.rc_min_quantizer, config.rc_max_quantizer = 4, 56
    config.rc_undershoot_pct, config.rc_overshoot_pct = 95, 15
    # Milliseconds; more would wait in somebody's router and delay the voice. Below 30 % of it pictures are dropped.
    config.rc_buf_sz, config.rc_buf_initial_sz, config.rc_buf_optimal_sz = 1000, 500, 600
    config.rc_dropframe_thresh = 30
    return config


def _kilobits(bitrate_bps: int) -> int:
    return max(1, bitrate_bps // 1000)
