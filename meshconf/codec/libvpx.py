"""libvpx through ctypes: the few calls and structures of its public headers that a live VP8 encoder needs.

PyAV's own encoder cannot change its bitrate while it runs; libvpx can. The library is the one that PyAV's wheel brings,
else the system's. It says itself whether its structures are those declared here (`VPX_ENCODER_ABI_VERSION`). They are
declared as far as we use them; what newer releases appended lies in a tail that `vpx_codec_enc_config_default` fills.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import logging
from collections.abc import Iterator
from ctypes import c_char_p, c_int, c_int64, c_long, c_size_t, c_ubyte, c_uint, c_ulong, c_void_p
from pathlib import Path
from typing import Any

import av

from meshconf.codec.encoder import EncoderFailed

_logger = logging.getLogger("meshconf.codec")

KNOWN_ABI_VERSIONS = (39, 37, 36, 34, 30, 25, 24, 23)
"""`VPX_ENCODER_ABI_VERSION` of libvpx 1.16, 1.15.1, 1.15, 1.14, 1.13, 1.11, 1.10 and 1.8, alike in all that we use."""

# Names and values as in vpx/vpx_codec.h, vpx_encoder.h, vpx_image.h and vp8cx.h, without their VPX_ or VP8E_.
CODEC_OK, CODEC_ABI_MISMATCH = 0, 3
IMG_FMT_I420 = 0x102
CBR = 1
KF_DISABLED = 0
EFLAG_FORCE_KF = 1
FRAME_IS_KEY = 1
DL_REALTIME = 1
CODEC_CX_FRAME_PKT = 0
SET_ACTIVEMAP = 9
SET_CPUUSED, SET_NOISE_SENSITIVITY, SET_STATIC_THRESHOLD = 13, 15, 17
SET_MAX_INTRA_BITRATE_PCT = 26


class Context(ctypes.Structure):
    """`vpx_codec_ctx_t`; ours to allocate, the library's to read and write."""

    _fields_ = [("private", c_void_p * 16)]


class EncoderConfig(ctypes.Structure):
    """`vpx_codec_enc_cfg_t`."""

    _fields_ = [
        *((name, c_uint) for name in ("g_usage", "g_threads", "g_profile", "g_w", "g_h")),
        *((name, c_uint) for name in ("g_bit_depth", "g_input_bit_depth")),
        ("g_timebase_num", c_int),
        ("g_timebase_den", c_int),
        *((name, c_uint) for name in ("g_error_resilient", "g_pass", "g_lag_in_frames", "rc_dropframe_thresh")),
        *((name, c_uint) for name in ("rc_resize_allowed", "rc_scaled_width", "rc_scaled_height")),
        *((name, c_uint) for name in ("rc_resize_up_thresh", "rc_resize_down_thresh", "rc_end_usage")),
        ("rc_twopass_stats_in", c_void_p * 2),
        ("rc_firstpass_mb_stats_in", c_void_p * 2),
        *((name, c_uint) for name in ("rc_target_bitrate", "rc_min_quantizer", "rc_max_quantizer")),
        *((name, c_uint) for name in ("rc_undershoot_pct", "rc_overshoot_pct")),
        *((name, c_uint) for name in ("rc_buf_sz", "rc_buf_initial_sz", "rc_buf_optimal_sz")),
        *((name, c_uint) for name in ("rc_2pass_vbr_bias_pct", "rc_2pass_vbr_minsection_pct")),
        *((name, c_uint) for name in ("rc_2pass_vbr_maxsection_pct", "rc_2pass_vbr_corpus_complexity")),
        *((name, c_uint) for name in ("kf_mode", "kf_min_dist", "kf_max_dist")),
        ("tail", c_ubyte * 2048),
    ]


class Image(ctypes.Structure):
    """`vpx_image_t`."""

    _fields_ = [
        *((name, c_uint) for name in ("fmt", "cs", "range", "w", "h", "bit_depth", "d_w", "d_h", "r_w", "r_h")),
        ("x_chroma_shift", c_uint),
        ("y_chroma_shift", c_uint),
        ("planes", c_void_p * 4),
        ("stride", c_int * 4),
        ("tail", c_ubyte * 256),
    ]


class ActiveMap(ctypes.Structure):
    """`vpx_active_map_t`: a byte for each macroblock, 0 where the picture stays as it is; none where all are active."""

    _fields_ = [("active_map", c_void_p), ("rows", c_uint), ("cols", c_uint)]


class Packet(ctypes.Structure):
    """`vpx_codec_cx_pkt_t` as far as a compressed frame goes."""

    _fields_ = [
        ("kind", c_int),
        ("buf", c_void_p),
        ("sz", c_size_t),
        ("pts", c_int64),
        ("duration", c_ulong),
        ("flags", c_uint),
    ]


_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "vpx_codec_vp8_cx": (c_void_p, []),
    "vpx_codec_version_str": (c_char_p, []),
    "vpx_codec_err_to_string": (c_char_p, [c_int]),
    "vpx_codec_enc_config_default": (c_int, [c_void_p, ctypes.POINTER(EncoderConfig), c_uint]),
    "vpx_codec_enc_init_ver": (
        c_int,
        [ctypes.POINTER(Context), c_void_p, ctypes.POINTER(EncoderConfig), c_long, c_int],
    ),
    "vpx_codec_enc_config_set": (c_int, [ctypes.POINTER(Context), ctypes.POINTER(EncoderConfig)]),
    # Variadic: where such calls differ (Apple's arm64), ctypes goes by the fixed arguments, so these must be declared.
    "vpx_codec_control_": (c_int, [ctypes.POINTER(Context), c_int]),
    "vpx_codec_encode": (
        c_int,
        [ctypes.POINTER(Context), ctypes.POINTER(Image), c_int64, c_ulong, c_long, c_ulong],
    ),
    "vpx_codec_get_cx_data": (ctypes.POINTER(Packet), [ctypes.POINTER(Context), ctypes.POINTER(c_void_p)]),
    "vpx_codec_destroy": (c_int, [ctypes.POINTER(Context)]),
    "vpx_img_wrap": (c_void_p, [ctypes.POINTER(Image), c_uint, c_uint, c_uint, c_uint, c_void_p]),
}


class Libvpx:
    """The loaded library with the prototypes of what we call, and the version of its structures."""

    def __init__(self, path: str) -> None:
        """Load and check the library.

        Raises:
            EncoderFailed: it has no VP8 encoder, or its structures are none that we know.
            OSError: it cannot be loaded.
        """
        self._library = library = ctypes.CDLL(path)
        try:
            for name, (result, arguments) in _PROTOTYPES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except AttributeError as error:
            raise EncoderFailed(f"{path} has no VP8 encoder: {error}") from None
        self.version = library.vpx_codec_version_str().decode(errors="replace")
        self._interface = library.vpx_codec_vp8_cx()
        self._abi_version = self._find_abi_version()

    def default_config(self) -> EncoderConfig:
        """A configuration to start from."""
        config = EncoderConfig()
        self.check(self._library.vpx_codec_enc_config_default(self._interface, config, 0))
        return config

    def open(self, config: EncoderConfig) -> Context:
        """A VP8 encoder; give it back with `destroy`."""
        context = Context()
        self.check(self._library.vpx_codec_enc_init_ver(context, self._interface, config, 0, self._abi_version))
        return context

    def control(self, context: Context, control: int, value: int) -> None:
        """Set one of the `SET_` values."""
        self.check(self._library.vpx_codec_control_(context, control, c_int(value)))

    def activate(self, context: Context, blocks: ActiveMap) -> None:
        """Say which macroblocks are encoded from now on; the library copies the map."""
        self.check(self._library.vpx_codec_control_(context, SET_ACTIVEMAP, ctypes.byref(blocks)))

    def reconfigure(self, context: Context, config: EncoderConfig) -> None:
        """Change a running encoder."""
        self.check(self._library.vpx_codec_enc_config_set(context, config))

    def wrap(self, width: int, height: int) -> Image:
        """A descriptor of I420 pictures, whose planes and strides are to be filled in."""
        image = Image()
        # The address is only stored; libvpx takes a null pointer for a wish to allocate.
        if not self._library.vpx_img_wrap(image, IMG_FMT_I420, width, height, 1, 1):
            raise EncoderFailed("libvpx refuses the size of the picture")
        return image

    def encode(self, context: Context, image: Image, pts: int, duration: int, flags: int) -> Iterator[Packet]:
        """Encode one picture; what comes out is valid until the next call. Other threads run meanwhile."""
        self.check(self._library.vpx_codec_encode(context, image, pts, duration, flags, DL_REALTIME))
        iterator = c_void_p()
        while packet := self._library.vpx_codec_get_cx_data(context, iterator):
            yield packet.contents

    def destroy(self, context: Context) -> None:
        """Free an encoder."""
        self._library.vpx_codec_destroy(context)

    def check(self, result: int) -> None:
        """Raises EncoderFailed unless `result` is success."""
        if result != CODEC_OK:
            reason = self._library.vpx_codec_err_to_string(result).decode(errors="replace")
            raise EncoderFailed(f"libvpx {self.version}: {reason}")

    def _find_abi_version(self) -> int:
        config = self.default_config()
        # The defaults have stood since 2010: other numbers mean that our structure does not fit this build.
        if (config.g_w, config.g_h, config.g_timebase_den, config.kf_max_dist) != (320, 240, 30, 128):
            raise EncoderFailed(f"the structures of libvpx {self.version} are not those we know")
        for version in KNOWN_ABI_VERSIONS:
            context = Context()
            result = self._library.vpx_codec_enc_init_ver(context, self._interface, config, 0, version)
            if result == CODEC_OK:
                self.destroy(context)
                return version
            if result != CODEC_ABI_MISMATCH:
                self.check(result)
        raise EncoderFailed(f"the structures of libvpx {self.version} are not those we know")


@functools.cache
def load() -> Libvpx | None:
    """The first libvpx on this machine that we can use, or None; looked for once."""
    for path in _candidates():
        try:
            library = Libvpx(path)
        except (OSError, EncoderFailed) as error:
            _logger.debug("not this libvpx: %s", error)
        else:
            _logger.debug("libvpx %s from %s", library.version, path)
            return library
    return None


def _candidates() -> Iterator[str]:
    package = Path(av.__file__).parent
    for folder in (package.parent / "av.libs", package / ".dylibs"):
        yield from (str(path) for path in sorted(folder.glob("*vpx*")))
    if system := ctypes.util.find_library("vpx"):
        yield system
