"""What an announcement may say, and what of others' announcements is believed."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshconf.signaling.lan_advert import MAX_ADDRESSES, MAX_TITLE, clean_title, read_advert, write_advert


def test_what_was_written_is_read_back() -> None:
    pairs = write_advert(["aa", "bb"], "Tea at five", 4)
    meeting = read_advert("x1", ["10.0.0.1"], 7000, {k.encode(): v.encode() for k, v in pairs.items()})
    assert meeting is not None
    assert (meeting.tags, meeting.title, meeting.people) == (frozenset({"aa", "bb"}), "Tea at five", 4)


def test_an_unlisted_meeting_writes_no_number_of_people() -> None:
    assert write_advert(["aa"], None, 4) == {"v": "1", "t": "aa"}


@pytest.mark.parametrize("tags", [["a,b"], [""], ["a b"], ["x"] * 17, ["y" * 64] * 4])
def test_tags_that_do_not_fit_are_refused(tags: list[str]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        write_advert(tags, None, None)


def test_a_title_of_wide_characters_fits_into_its_string_without_a_broken_character() -> None:
    title = write_advert(["aa"], "漢🙂" * 100, None)["n"]
    assert len(title.encode()) <= 253
    assert "\ufffd" not in title


def test_control_and_direction_characters_leave_a_title() -> None:
    assert clean_title("a\x1b[31mb\u202ec\nd\u2028e\x00") == "a[31mbc d e"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("e" + "\u0301" * 40 + "!", "e" + "\u0301" * 4 + "!"),
        ("Tea" + " " * 20 + "3  10.0.0.1:7000", "Tea 3 10.0.0.1:7000"),
        ("\u3164\u2800", ""),
    ],
    ids=["marks piled up", "feigned columns", "nothing to be seen"],
)
def test_a_title_stays_in_its_place(title: str, shown: str) -> None:
    assert clean_title(title) == shown


def test_addresses_on_our_own_network_come_first_and_local_ones_never() -> None:
    claimed = ["172.17.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "nonsense", "fe80::1", "192.168.7.9"]
    meeting = read_advert("x1", claimed, 7000, {b"v": b"1", b"t": b"aa"}, [IPv4Network("192.168.7.0/24")])
    assert meeting is not None
    assert meeting.addresses == ("192.168.7.9", "172.17.0.1")


@pytest.mark.parametrize("people", [b"-1", b"99999", b"\xb2", b"1e3", b""])
def test_a_number_of_people_that_is_none_is_left_out(people: bytes) -> None:
    meeting = read_advert("x1", ["10.0.0.1"], 7000, {b"v": b"1", b"t": b"aa", b"n": b"Tea", b"p": people})
    assert meeting is not None
    assert meeting.people is None


@given(
    st.text(max_size=70),
    st.lists(st.ip_addresses().map(str) | st.text(max_size=20), max_size=20),
    st.integers(0, 65535) | st.none(),
    st.dictionaries(st.sampled_from([b"v", b"t", b"n", b"p", b"x"]), st.binary(max_size=300) | st.none()),
)
def test_whatever_comes_is_bounded_or_refused(
    instance: str, addresses: list[str], port: int | None, properties: dict[bytes, bytes | None]
) -> None:
    meeting = read_advert(instance, addresses, port, properties | {b"v": b"1", b"t": b"aa"})
    if meeting is not None:
        assert 1 <= len(meeting.addresses) <= MAX_ADDRESSES
        assert meeting.title is None or (len(meeting.title) <= MAX_TITLE and meeting.title.isprintable())
        assert meeting.people is None or 0 <= meeting.people <= 9999
    read_advert(instance, addresses, port, properties)
