"""What two descriptions agree on, and descriptions that a peer of ours would not write."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshconf.errors import ProtocolError
from meshconf.rtc.description import M_LINES
from meshconf.rtc.feed import Feed
from meshconf.rtc.negotiated import Section, sections
from meshconf.types import SourceKind
from tests.rtc.support import End, Player, close, connect, opus_frames, until

Mangle = Callable[[str], str]

CAMERA = M_LINES.index(SourceKind.CAMERA)


async def agreed(mangle: Mangle = lambda offer: offer) -> tuple[End, list[Section]]:
    """An end that made an offer, and what another made of it, after it was changed on the way.

    Raises:
        ProtocolError: The other would not have it.
    """
    one, other = End(), End()
    try:
        await other.link.answer(mangle(await one.link.offer()), one.certificate.fingerprint)
        return one, sections(other.link._connection)
    finally:
        await close(one, other)


def _section(place: int, change: Callable[[str], str]) -> Mangle:
    """Changes one media section."""

    def mangle(offer: str) -> str:
        head, *media = re.split(r"(?=^m=)", offer, flags=re.MULTILINE)
        media[place] = change(media[place])
        return "".join([head, *media])

    return mangle


def _lines(pattern: str, replacement: str) -> Callable[[str], str]:
    return lambda text: re.sub(f"(?m)^{pattern}\r\n", replacement, text)


async def test_two_ends_agree_on_all_that_both_can_do() -> None:
    one, found = await agreed()
    assert [section.kind for section in found] == list(M_LINES)
    for section in found:
        feed = one.feeds[section.kind]
        assert section.ssrc == feed.ssrc
        if section.kind.is_audio:
            assert (set(section.codecs.values()), section.rtx_types, section.rtx_ssrc) == ({"opus"}, {}, None)
        else:
            assert section.rtx_ssrc == feed.rtx_ssrc
            assert next(iter(section.codecs.values())) == "VP8" and set(section.codecs.values()) == {"VP8", "H264"}
            assert set(section.rtx_types) == set(section.codecs)
            assert not set(section.rtx_types.values()) & set(section.codecs)


async def test_numbers_are_the_offerers_and_what_one_side_cannot_do_is_left_out() -> None:
    def only_vp8(section: str) -> str:
        section = re.sub(r"(?m)^a=(rtpmap|rtcp-fb|fmtp):(99|10[0-2]) .*\r\n", "", section)
        return section.replace("SAVPF 97 98 99 100 101 102", "SAVPF 120 121").replace(":97 VP8", ":120 VP8").replace(
            ":98 rtx", ":121 rtx").replace(":98 apt=97", ":121 apt=120")  # fmt: skip

    _, found = await agreed(_section(CAMERA, only_vp8))
    assert (found[CAMERA].codecs, found[CAMERA].rtx_types) == ({120: "VP8"}, {120: 121})


async def test_a_peer_may_do_without_retransmissions_if_it_announces_their_stream() -> None:
    _, found = await agreed(_section(CAMERA, _lines(r"a=(rtpmap:\d+ rtx|fmtp:\d+ apt).*", "")))
    assert set(found[CAMERA].codecs.values()) == {"VP8", "H264"} and found[CAMERA].rtx_types == {}


def _one_number_for_two_streams(offer: str) -> str:
    first = re.search(r"a=ssrc:(\d+) ", offer)
    assert first
    return re.sub(r"(?<=FID )\d+|(?<=a=ssrc:)\d+(?= )", first[1], offer, count=0)


HOSTILE: dict[str, Mangle] = {
    "one stream in two sections": lambda offer: _swap_camera_for_screen(offer),
    "one number for all": _one_number_for_two_streams,
    "no stream": _section(CAMERA, _lines(r"a=ssrc.*", "")),
    "sound without a stream": _section(0, _lines(r"a=ssrc.*", "")),
    "no stream of retransmissions": _section(CAMERA, lambda text: _drop_last_ssrc(text)),
    "three streams": _section(CAMERA, lambda text: text + "a=ssrc:77 cname:more\r\n"),
    "two streams of sound": _section(0, lambda text: text + "a=ssrc:77 cname:more\r\n"),
    "a number of 33 bits": _section(CAMERA, _lines(r"a=ssrc:\d+ (.*)", r"a=ssrc:8589934592 \1\r\n")),
    "a negative number": _section(0, _lines(r"a=ssrc:\d+ (.*)", r"a=ssrc:-5 \1\r\n")),
    "retransmissions as RTCP": _section(
        CAMERA, lambda text: text.replace(":98 rtx", ":72 rtx").replace(":98 apt", ":72 apt")
    ),
    "retransmissions of eight bits": _section(
        CAMERA, lambda text: text.replace(":98 rtx", ":200 rtx").replace(":98 apt", ":200 apt")
    ),
    "foreign codecs": _section(CAMERA, lambda text: text.replace("VP8/", "VP9/").replace("H264/", "H266/")),
    "foreign sound": _section(0, lambda text: text.replace("opus/", "speex/")),
    "only retransmissions": _section(CAMERA, _lines(r"a=(rtpmap|rtcp-fb|fmtp):(97|99|101).*", "")),
}


def _swap_camera_for_screen(offer: str) -> str:
    pairs = re.findall(r"a=ssrc-group:FID (\d+) (\d+)", offer)
    for screen, camera in zip(pairs[1], pairs[0], strict=True):
        offer = offer.replace(screen, camera)
    return offer


def _drop_last_ssrc(text: str) -> str:
    group = re.search(r"a=ssrc-group:FID \d+ (\d+)\r\n", text)
    assert group
    return re.sub(rf"a=ssrc:{group[1]} .*\r\n", "", text.replace(group[0], ""))


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_a_peer_of_ours_would_not_announce_is_its_mistake(name: str) -> None:
    with pytest.raises(ProtocolError):
        await agreed(HOSTILE[name])


async def test_a_peer_that_announces_nonsense_loses_its_own_link_only() -> None:
    feeds = {kind: Feed(kind) for kind in SourceKind}
    one, hostile = End(feeds=feeds), End()
    honest_one, honest_other = End(feeds=feeds), End()
    await connect(honest_one, honest_other)
    answer = await hostile.link.answer(await one.link.offer(), one.certificate.fingerprint)
    await one.link.accept(_one_number_for_two_streams(answer), hostile.certificate.fingerprint)
    await until(lambda: one.link.state == "closed")
    assert not one.link.media.running
    player = Player(feeds[SourceKind.MIC], opus_frames(), interval_s=0.02)
    await until(lambda: len(honest_other.listener.sound.get(SourceKind.MIC, ())) > 10)
    assert honest_one.link.state == "connected"
    await player.stop()
    await close(one, hostile, honest_one, honest_other)


async def test_an_answer_to_other_sections_than_ours_is_refused() -> None:
    one, other = End(), End()
    answer = await other.link.answer(await one.link.offer(), one.certificate.fingerprint)
    with pytest.raises(ProtocolError):
        await one.link.accept(
            answer.replace("a=mid:1\r\n", "a=mid:9\r\n").replace("BUNDLE 0 1 2", "BUNDLE 0 9 2"),
            other.certificate.fingerprint,
        )
    await close(one, other)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("drop", "double", "move", "cut", "number")),
            st.integers(0, 200),
            st.integers(0, 200),
            st.sampled_from(("0", "-1", "96", "97", "200", "8589934592")),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_spoiled_offer_is_taken_or_is_the_peers_mistake(changes: list[tuple[str, int, int, str]]) -> None:
    def spoil(offer: str) -> str:
        lines = offer.split("\r\n")
        for change, at, other, number in changes:
            at, other = at % len(lines), other % len(lines)
            match change:
                case "drop":
                    del lines[at]
                case "double":
                    lines.insert(other, lines[at])
                case "move":
                    lines.insert(other, lines.pop(at))
                case "cut":
                    lines[at] = lines[at][: other % 30]
                case "number":
                    lines[at] = re.sub(r"\d+", number, lines[at], count=1)
        return "\r\n".join(lines)

    with contextlib.suppress(ProtocolError):
        asyncio.run(agreed(spoil))
