import ctypes.util
from pathlib import Path

import pytest

from meshconf.codec import libvpx
from meshconf.codec.encoder import EncoderFailed


def library_path() -> str:
    return next(iter(libvpx._candidates()))


def test_the_library_beside_pyav_is_found_first_and_known() -> None:
    library = libvpx.load()
    assert library is not None and libvpx.load() is library
    assert "av" in Path(library_path()).parent.name


def test_defaults_are_read_at_the_right_places() -> None:
    library = libvpx.load()
    assert library is not None
    config = library.default_config()
    assert (config.g_w, config.g_h, config.g_timebase_num, config.g_timebase_den) == (320, 240, 1, 30)
    assert (config.rc_target_bitrate, config.rc_max_quantizer, config.kf_max_dist) == (256, 63, 128)
    image = library.wrap(64, 48)
    assert (image.d_w, image.d_h, image.stride[0], image.stride[1], image.stride[2]) == (64, 48, 64, 32, 32)


def test_a_library_with_unknown_structures_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libvpx, "KNOWN_ABI_VERSIONS", (1, 2))
    with pytest.raises(EncoderFailed):
        libvpx.Libvpx(library_path())


def test_a_library_without_vp8_is_refused() -> None:
    libc = ctypes.util.find_library("c")
    assert libc is not None
    with pytest.raises(EncoderFailed):
        libvpx.Libvpx(libc)


def test_without_any_library_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libvpx, "_candidates", lambda: iter(["/nowhere/libvpx.so"]))
    libvpx.load.cache_clear()
    try:
        assert libvpx.load() is None
    finally:
        libvpx.load.cache_clear()


def test_an_impossible_configuration_is_an_error_with_a_reason() -> None:
    library = libvpx.load()
    assert library is not None
    config = library.default_config()
    config.rc_min_quantizer = 64
    with pytest.raises(EncoderFailed, match="libvpx"):
        library.open(config)
