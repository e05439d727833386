import subprocess
import sys

import pytest

from meshconf.devices.open import open_audio_sink, open_audio_source, open_video_source
from meshconf.devices.synthetic import NullSink, Tone
from meshconf.errors import DeviceError
from meshconf.types import SourceKind


def test_test_and_null_need_no_hardware() -> None:
    assert isinstance(open_audio_source("test:440"), Tone)
    assert isinstance(open_audio_source("test", seed="anna"), Tone)
    assert isinstance(open_audio_sink("null"), NullSink)
    picture = open_video_source("test", width=320, height=240, fps=15)
    picture.close()
    picture.close()


@pytest.mark.parametrize("spec", ["none", "test:loud", "test:1", "test:nan", "file:/no/such/file.wav"])
def test_a_senseless_sound_source_ends_in_a_sentence_and_a_fix(spec: str) -> None:
    with pytest.raises(DeviceError) as error:
        open_audio_source(spec)
    assert str(error.value) and (error.value.fix or error.value.remedy)


@pytest.mark.parametrize(("spec", "kind"), [("none", SourceKind.CAMERA), ("none", SourceKind.SCREEN)])
def test_none_opens_nothing(spec: str, kind: SourceKind) -> None:
    with pytest.raises(DeviceError, match=f"No {kind} is chosen"):
        open_video_source(spec, width=320, height=240, fps=15, kind=kind)


def test_sound_is_not_played_into_a_file() -> None:
    with pytest.raises(DeviceError, match="played"):
        open_audio_sink("file:x.wav")


def test_opening_loads_no_library_of_another_device() -> None:
    program = (
        "import sys; from meshconf.devices.open import *; open_audio_source('test'); open_audio_sink('null');"
        "assert not {'cv2', 'mss', 'sounddevice'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
