"""What is injected arrives at an X display, whatever layout its owner has, and nothing is left down."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from meshconf.devices.input import keysyms
from meshconf.devices.input.process import InputProcess
from meshconf.devices.input.wire import ALONE, Copied, OwnInput, Panic
from meshconf.devices.input.x11_clipboard import X11Clipboard
from meshconf.errors import DeviceError
from meshconf.protocol.control.input import Input, KeyDown, KeyUp, Move, Press, Release, Scroll, Text
from meshconf.types import Area
from tests.devices.input.combinations import COMBINATIONS, LAYOUTS, SCRIPTS, combination, differing, typed, whole
from tests.lab.display import Display, missing
from tests.lab.hands import Hands
from tests.lab.need import need

pytestmark = [pytest.mark.lab, pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    need(missing("setxkbmap", "xdotool"))
    with Display(800, 600) as display, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", display.name)
        patch.delenv("XDG_SESSION_TYPE", raising=False)
        yield display


@pytest.fixture
async def injector(display: Display) -> AsyncIterator[InputProcess]:
    process = await InputProcess.start("default")
    yield process
    await process.close()


@pytest.fixture
def hands(display: Display) -> Iterator[Hands]:
    hands = Hands(display.name)
    yield hands
    hands.close()


async def _run(display: Display, *command: str) -> None:
    assert await (await asyncio.create_subprocess_exec(*command, env=display.env)).wait() == 0


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.may_block("reads the display")
async def test_every_combination_and_script_arrives_as_it_was_meant(
    display: Display, hands: Hands, layout: str
) -> None:
    await _run(display, "setxkbmap", layout)
    free = hands.free_keycodes()
    process = await InputProcess.start("default")
    for one in COMBINATIONS:
        process.do(combination(*one))
    hands.wait(lambda: whole(hands.seen, len(COMBINATIONS)), 20.0)
    assert differing(hands.seen) == []
    before, text = len(hands.seen), " ".join(SCRIPTS.values())
    process.do([Text(text)])
    hands.wait(lambda: len(typed(hands.seen[before:])) >= len(text), 20.0)
    assert typed(hands.seen[before:]) == text
    await process.close()
    assert hands.held() == []
    assert hands.free_keycodes() == free, "the owner's layout is as it was"


@pytest.mark.may_block("reads the display")
async def test_buttons_wheel_and_drags_arrive_at_their_places(injector: InputProcess, hands: Hands) -> None:
    injector.do([Press("left", 0.25, 0.5), Move(0.5, 0.5), Release("left", 0.75, 1.0)])
    injector.do([Press("back", 0, 0), Release("back", 0, 0), Scroll(-2, 0, 0.5, 0.5), Scroll(0, 0.5, 0.5, 0.5)])
    injector.do([Scroll(0, 0.5, 0.5, 0.5), Press("right", 0.5, 0.5), Release("right", 0.5, 0.5)])
    hands.wait(lambda: ("release", 3, 0) in hands.seen)
    assert [button for kind, button, _ in hands.seen if kind == "press"] == [1, 8, 6, 6, 5, 3]
    press, release = hands.places.index(("press", 200, 300)), hands.places.index(("release", 600, 599))
    assert ("move", 400, 300) in hands.places[press:release]


@pytest.mark.may_block("reads the display")
async def test_what_is_held_comes_up_with_the_end_and_after_a_crash(injector: InputProcess, hands: Hands) -> None:
    held: list[Input] = [KeyDown("Control", "ControlLeft"), KeyDown("é", ""), Press("left", 0.5, 0.5)]
    injector.do(held)
    hands.wait(lambda: len(hands.held()) == 3)
    injector.let_go()
    hands.wait(lambda: not hands.held())
    injector.do(held)
    hands.wait(lambda: len(hands.held()) == 3)
    os.kill(injector.pid, 9)
    assert [news async for news in injector.news()] == []
    assert len(hands.held()) == 3
    await (await InputProcess.start("default", after_crash=True)).close()
    assert hands.held() == []


@pytest.mark.may_block("reads the display")
async def test_the_owners_own_hands_are_told_from_ours(injector: InputProcess, hands: Hands, display: Display) -> None:
    injector.do([Text("hello ж"), Move(0.1, 0.1), Press("left", 0.2, 0.2), Release("left", 0.2, 0.2)])
    injector.do([Move(0.2, 0.2), Press("left", 0.2, 0.2), Release("left", 0.2, 0.2)])  # the pointer is there already
    injector.do([KeyDown("Escape", "Escape"), KeyUp("Escape", "Escape")] * 4)
    hands.wait(lambda: [keysym for kind, keysym, _ in hands.seen if kind == "key up"].count(keysyms.ESCAPE) == 4)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            raise AssertionError(f"taken for the owner: {await anext(injector.news())}")
    await _run(display, "xdotool", "click", "2")
    async with asyncio.timeout(5):
        assert await anext(injector.news()) == OwnInput()
    await _run(display, "xdotool", "key", "Escape", "Escape", "Escape")
    async with asyncio.timeout(5):
        while await anext(injector.news()) != Panic():
            pass


@pytest.mark.may_block("reads the display")
async def test_text_is_copied_both_ways(display: Display) -> None:
    process = await InputProcess.start("default", clipboard=True)
    other, ready = X11Clipboard(), asyncio.Event()
    asyncio.get_running_loop().add_reader(other.fileno(), ready.set)
    process.copy("grüße 漢字")
    news = asyncio.ensure_future(anext(process.news()))
    copied: list[str] = []
    async with asyncio.timeout(10):
        while not news.done():  # what the other reads, it also answers whoever pastes
            await asyncio.wait([news, asyncio.ensure_future(ready.wait())], return_when=asyncio.FIRST_COMPLETED)
            ready.clear()
            if found := other.copied():
                copied += found
                other.put("back again")
    asyncio.get_running_loop().remove_reader(other.fileno())
    assert copied == ["grüße 漢字"] and news.result() == Copied("back again")
    other.close()
    await process.close()


@pytest.mark.may_block("reads the display")
async def test_a_part_of_the_display_is_acted_in_as_it_is_given_whatever_it_is_called_by_now(
    display: Display, hands: Hands
) -> None:
    process = await InputProcess.start(Area(100, 50, 400, 300))
    assert process.area == Area(100, 50, 400, 300)
    process.do([Press("left", 0.5, 0.5), Release("left", 1.0, 1.0)])
    hands.wait(lambda: ("release", 499, 349) in hands.places)
    assert ("press", 300, 200) in hands.places
    await process.close()


@pytest.mark.may_block("reads the display")
async def test_the_owners_own_hands_bring_up_what_is_held_without_a_word_of_the_engine(
    injector: InputProcess, hands: Hands, display: Display
) -> None:
    injector.do([KeyDown("Control", "ControlLeft"), Press("left", 0.5, 0.5)])
    hands.wait(lambda: len(hands.held()) == 2)
    await _run(display, "xdotool", "click", "2")
    hands.wait(lambda: not hands.held(), ALONE / 2)


async def test_a_screen_that_is_not_there_cannot_be_controlled(display: Display) -> None:
    with pytest.raises(DeviceError, match="no screen '7'"):
        await InputProcess.start("7")
