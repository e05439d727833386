import av
import pytest

from meshconf.codec import h264, vp8
from meshconf.codec.choice import available_codecs, open_encoder, preferred
from meshconf.codec.encoder import EncoderFailed
from meshconf.codec.h264 import HARDWARE
from meshconf.codec.libav import LibavEncoder
from meshconf.codec.vp8 import Vp8Encoder
from meshconf.media.encoded import Codec
from tests.codec.pictures import still


@pytest.fixture(autouse=True)
def no_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h264, "hardware", lambda: None)


def test_this_machine_encodes_both() -> None:
    assert available_codecs() == ("VP8", "H264")


def test_vp8_is_the_rule_and_h264_when_the_processor_is_short() -> None:
    assert preferred({"VP8", "H264"}).codec == "VP8"
    short = preferred({"VP8", "H264"}, cpu_short=True)
    assert short.codec == "H264" and "processor" in short.reason


@pytest.mark.parametrize("cpu_short", [False, True])
@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_what_viewers_cannot_decode_is_not_taken(codec: Codec, cpu_short: bool) -> None:
    assert preferred({codec, "opus"}, cpu_short=cpu_short).codec == codec


def test_hardware_is_taken_where_all_decode_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h264, "hardware", lambda: HARDWARE[1])
    found = preferred({"VP8", "H264"})
    assert found.codec == "H264" and HARDWARE[1].name in found.reason
    assert preferred({"VP8"}).codec == "VP8"


def test_nothing_in_common_is_said() -> None:
    with pytest.raises(EncoderFailed):
        preferred({"opus"})


def test_codecs_that_are_not_built_in_are_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vp8, "works", lambda: False)
    monkeypatch.setattr(av, "codecs_available", {"opus"})
    assert available_codecs() == ()


def test_each_codec_opens_and_encodes() -> None:
    for codec, name in (("VP8", "libvpx"), ("H264", "libx264")):
        encoder = open_encoder(codec, 160, 120, 30, 100_000)  # type: ignore[arg-type]
        frame = encoder.encode(still(160, 120), keyframe=False)
        assert frame is not None and frame.codec == encoder.codec == codec and encoder.name == name


def test_vp8_falls_back_to_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_encoder("VP8", 160, 120, 30, 100_000), Vp8Encoder)
    monkeypatch.setattr(vp8, "works", lambda: False)
    encoder = open_encoder("VP8", 160, 120, 30, 100_000)
    assert isinstance(encoder, LibavEncoder)
    frame = encoder.encode(still(160, 120), keyframe=False)
    assert frame is not None and frame.codec == "VP8"


@pytest.mark.parametrize("codec", ["VP8", "H264"])
@pytest.mark.parametrize("size", [(161, 120), (160, 121), (0, 120)])
def test_odd_sizes_are_refused(codec: Codec, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        open_encoder(codec, *size, 30, 100_000)


def test_sound_is_no_codec_for_pictures() -> None:
    with pytest.raises(ValueError):
        open_encoder("opus", 160, 120, 30, 100_000)
