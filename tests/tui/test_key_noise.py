from meshconf.errors import NetworkError
from meshconf.tui.key_noise import EVERY_S, KeyNoise
from tests.tui.fakes import ADA, FakeEngine
from tests.tui.stage import meeting, tell, until


async def test_fast_typing_is_told_now_and_then() -> None:
    now, engine = [100.0], FakeEngine()
    keys = KeyNoise(engine, lambda: now[0])
    for _ in range(100):
        await keys.pressed()
        now[0] += EVERY_S / 4
    assert engine.keys_heard == 25


async def test_an_engine_that_is_gone_does_not_disturb_writing() -> None:
    engine = FakeEngine()
    engine.error = NetworkError("gone")
    await KeyNoise(engine, lambda: 1.0).pressed()


async def test_writing_is_told_while_the_microphone_is_on() -> None:
    async with meeting() as (_, pilot, engine):
        await pilot.press("t", "a")
        await until(lambda: engine.keys_heard == 1)


async def test_writing_without_a_microphone_is_not_told() -> None:
    async with meeting() as (_, pilot, engine):
        await tell(pilot, engine, {"event": "source", "t": 900.0, "peer": ADA, "source": "mic", "state": "off"})
        await pilot.press("t", "b", "enter")
        await until(lambda: engine.said() == [{"do": "chat", "text": "b"}])
        assert engine.keys_heard == 0
