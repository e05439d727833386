from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.errors import MalformedInvite
from meshconf.protocol.invite import (
    LAN_TAG_PERIOD,
    Code,
    Link,
    lan_tag,
    lan_tags_around,
    new_code,
    new_link,
    parse_invite,
    room_name,
)
from meshconf.protocol.words import complete_words, nearest_words, word_list

CODE = Code(42, ("crumb", "ozone", "plank"))
LINK = Link(bytes(range(16)))
NOW = 1_800_000_000.0

codes = st.builds(Code, st.integers(1, 999_999), st.tuples(*[st.sampled_from(word_list())] * 3))
links = st.builds(
    Link,
    st.binary(min_size=16, max_size=16),
    st.sampled_from([None, "wss://meet.example.org", "ws://[fd00::1]:8080/room?x=1&y=%20", "wss://a.example/+"]),
    st.sampled_from([None, "192.168.1.7:40123", "[fe80::1%eth0]:5000", "box.local:1"]),
)


def test_the_example_of_the_design_is_a_code() -> None:
    assert parse_invite("42-crumb-ozone-plank") == CODE
    assert str(CODE) == "42-crumb-ozone-plank"


@pytest.mark.parametrize(
    "typed",
    [
        "  42-crumb-ozone-plank\n",
        "42 crumb ozone plank",
        "42-Crumb-OZONE-plank",
        "42 - crumb - ozone - plank",
        "42\u2013crumb\u2014ozone\u2011plank",
        "“42-crumb-ozone-plank”",
        "`42_crumb_ozone_plank`",
        "042, crumb, ozone, plank.",
    ],
)
def test_a_code_is_understood_however_it_was_typed(typed: str) -> None:
    assert parse_invite(typed) == CODE


@given(codes)
def test_every_code_survives_being_written_and_read(code: Code) -> None:
    assert parse_invite(str(code)) == code


@given(links)
def test_every_link_survives_being_written_and_read(link: Link) -> None:
    assert parse_invite(str(link)) == link


def test_a_link_may_have_slashes_capitals_and_line_breaks() -> None:
    text = str(LINK)
    body = text.removeprefix("meshconf:")
    for variant in (f"meshconf://{body}", text.upper(), f" <{text}> ", f"{text[:20]}\n  {text[20:]}"):
        assert parse_invite(variant) == LINK


def test_fields_of_a_later_version_of_links_are_passed_over() -> None:
    assert parse_invite(f"{LINK}?z=9&a=10.0.0.1:99") == Link(LINK.secret, None, "10.0.0.1:99")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "looks like"),
        ("hello", "looks like"),
        ("crumb-ozone-plank", "looks like"),
        ("٤٢-crumb-ozone-plank", "looks like"),
        ("42", "3 words"),
        ("42-crumb-ozone", "3 words"),
        ("42-crumb-ozone-plank-plank", "3 words"),
        ("0-crumb-ozone-plank", "between 1"),
        ("1000000-crumb-ozone-plank", "between 1"),
        ("42-crumbs-ozone-plank", "did you mean crumb"),
        ("42-crumb-ozone-\x1b[2J", "One of these words"),
        ("meshconf:", "incomplete"),
        ("meshconf:aaaa", "incomplete"),
        ("meshconf:" + "a" * 25 + "b", "incomplete"),
        ("meshconf:" + "a" * 25 + "ä", "incomplete"),
        (f"{LINK}?r=http://x", "ws://"),
        (f"{LINK}?r=wss://", "ws://"),
        (f"{LINK}?r=wss://x:99999", "ws://"),
        (f"{LINK}?r=wss://x%1b[2J", "ws://"),
        (f"{LINK}?a=nohost", "host:port"),
        (f"{LINK}?a=host:0", "host:port"),
        (f"{LINK}?a=host:70000", "host:port"),
        (f"{LINK}?a", "damaged"),
        ("9" * 5000, "too long"),
    ],
)
def test_a_wrong_invite_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(MalformedInvite, match=hint.replace("(", r"\(")):
        parse_invite(text)


@given(st.one_of(st.text(), st.text().map("meshconf:".__add__), st.text().map(f"{LINK}?".__add__)))
def test_any_text_is_an_invite_or_malformed(text: str) -> None:
    try:
        invite = parse_invite(text)
    except MalformedInvite as error:
        assert str(error).isprintable()
    else:
        assert parse_invite(str(invite)) == invite


def test_new_invites_use_the_given_entropy_only() -> None:
    seeded = (random.Random(7).randbytes, random.Random(7).randbytes)
    assert new_code(5, seeded[0]) == new_code(5, seeded[1])
    assert new_link(seeded[0]) == new_link(seeded[1])


def test_secrets_stay_out_of_repr() -> None:
    assert "ozone" not in repr(CODE)
    assert repr(LINK.secret) not in repr(LINK)


def test_room_names_are_the_nameplate_or_a_hash_of_the_secret() -> None:
    assert room_name(CODE) == "42"
    assert room_name(LINK) == room_name(Link(LINK.secret, "wss://elsewhere.example"))
    assert room_name(LINK).startswith("l-") and len(room_name(LINK)) == 34
    assert LINK.secret.hex() not in room_name(LINK)


def test_the_lan_tag_of_a_code_says_nothing_about_its_words() -> None:
    assert lan_tag(CODE, NOW) == lan_tag(Code(42, ("plank", "plank", "plank")), NOW)
    assert lan_tag(CODE, NOW) != lan_tag(Code(43, CODE.words), NOW)


@pytest.mark.parametrize("invite", [CODE, LINK])
def test_lan_tags_change_every_ten_minutes_and_bear_skewed_clocks(invite: Code | Link) -> None:
    tag = lan_tag(invite, NOW)
    assert tag == lan_tag(invite, NOW - NOW % LAN_TAG_PERIOD)
    assert tag != lan_tag(invite, NOW + LAN_TAG_PERIOD)
    assert tag in lan_tags_around(invite, NOW + LAN_TAG_PERIOD)
    assert tag in lan_tags_around(invite, NOW - LAN_TAG_PERIOD)
    assert tag not in lan_tags_around(invite, NOW + 2 * LAN_TAG_PERIOD)


def test_words_are_1296_short_and_told_apart_by_four_letters() -> None:
    words = word_list()
    assert len(words) == 1296 == len({word[:4] for word in words})
    assert list(words) == sorted(words)
    assert all(3 <= len(word) <= 7 and word.isascii() and word.islower() for word in words)


def test_no_word_is_one_typing_error_from_another() -> None:
    def holes(word: str) -> set[tuple[int, str]]:
        return {(at, word[:at] + word[at + 1 :]) for at in range(len(word))}

    seen = [hole for word in word_list() for hole in holes(word)]
    assert len(seen) == len(set(seen)), "two words differ in one letter"
    shortened = {rest for _, rest in itertools.chain.from_iterable(map(holes, word_list()))}
    assert not shortened & set(word_list()), "a word is another one with a letter left out"


def test_words_complete_from_their_beginning_in_any_case() -> None:
    assert complete_words("CRUM") == ["crumb"]
    assert complete_words("") == list(word_list())
    assert complete_words("qqq") == []


def test_a_mistyped_word_finds_its_neighbours() -> None:
    assert nearest_words("plnak")[0] == "plank"
    assert nearest_words("0000") == []
