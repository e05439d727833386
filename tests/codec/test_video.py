import av
import pytest

from meshconf.codec.video import VideoEncoder
from meshconf.devices.pattern import Pattern
from meshconf.errors import LocalProtocolError
from meshconf.media import stamp


def picture(now: float, pts: int, width: int = 640, height: int = 480) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(Pattern(width, height).paint(now), format="yuv420p")
    frame.pts = pts
    return frame


def test_the_stamp_survives_encoding_at_a_low_bitrate() -> None:
    encoder, decoder = VideoEncoder(640, 480, 30, 300_000), av.VideoCodecContext.create("vp8", "r")
    read: list[int | None] = []
    size = 0
    for n in range(60):
        for packet in encoder.encode(picture(1000.0 + n / 30, n * 3000), keyframe=n == 0):
            size += packet.size
            read += [stamp.read(frame.to_ndarray()) for frame in decoder.decode(packet)]
    assert len(read) > 50
    painted = {int((1000.0 + n / 30) * 1000) for n in range(60)}
    assert sum(ms in painted for ms in read) >= len(read) - 1
    assert size * 8 / 2 < 600_000


def test_a_keyframe_comes_when_asked_for_and_only_then() -> None:
    encoder = VideoEncoder(320, 240, 30, 200_000)
    keys = []
    for n in range(20):
        for packet in encoder.encode(picture(5.0, n * 3000, 320, 240), keyframe=n == 12):
            keys.append((packet.pts, packet.is_keyframe))
    assert [pts for pts, is_key in keys if is_key] == [0, 36_000]


def test_a_time_that_stands_still_is_nudged_on() -> None:
    encoder = VideoEncoder(320, 240, 30, 200_000)
    times = [p.pts for _ in range(3) for p in encoder.encode(picture(5.0, 90, 320, 240), keyframe=False)]
    assert times == [90, 91, 92]


def test_a_picture_of_another_size_or_without_time_is_refused() -> None:
    encoder = VideoEncoder(320, 240, 30, 200_000)
    with pytest.raises(LocalProtocolError):
        encoder.encode(picture(5.0, 0), keyframe=False)
    untimed = av.VideoFrame.from_ndarray(Pattern(320, 240).paint(1.0), format="yuv420p")
    with pytest.raises(LocalProtocolError):
        encoder.encode(untimed, keyframe=False)


@pytest.mark.parametrize("arguments", [(321, 240, 30, 1000), (320, 240, 0, 1000), (320, 240, 30, 0), (0, 0, 1, 1)])
def test_an_impossible_encoder_is_refused(arguments: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError):
        VideoEncoder(*arguments)
