from meshconf.media.voice.quiet import LOUD_DB, QUIET_DB, QuietDetector


def test_near_silence_is_a_pause_from_the_start() -> None:
    assert QuietDetector().is_quiet(QUIET_DB - 1) and not QuietDetector().is_quiet(-40.0)


def test_the_noise_of_a_room_is_learnt_as_a_pause() -> None:
    quiet = QuietDetector()
    for _ in range(1000):
        quiet.update(-42.0)
    assert quiet.is_quiet(-41.0) and not quiet.is_quiet(-30.0)


def test_a_quiet_room_is_learnt_at_once() -> None:
    quiet = QuietDetector()
    for _ in range(1000):
        quiet.update(-42.0)
    quiet.update(-70.0)
    assert not quiet.is_quiet(-45.0)


def test_somebody_who_never_pauses_does_not_become_a_pause() -> None:
    quiet = QuietDetector()
    for _ in range(10_000):
        quiet.update(-20.0)
    assert not quiet.is_quiet(LOUD_DB + 1)
