"""The count per address, in virtual time."""

from __future__ import annotations

import pytest

from rendezvous.limits import LOOPBACK, Gate, Limits, address_key

ADDRESS = "192.0.2.7"


def test_an_address_makes_so_many_sockets_a_minute() -> None:
    gate = Gate(Limits(connects_per_minute=20))
    assert sum(gate.connect(ADDRESS, now=0) for _ in range(30)) == 20
    assert gate.connect("192.0.2.8", now=0)
    assert sum(gate.connect(ADDRESS, now=60) for _ in range(30)) == 20


def test_an_office_behind_one_address_meets_in_the_same_minute() -> None:
    gate, office = Gate(Limits()), range(32)
    assert all(gate.connect(ADDRESS, now=0) and gate.enter(ADDRESS, now=0) for _ in office)
    assert gate.open(ADDRESS, now=0)
    assert sum(gate.join(ADDRESS, now=0) for _ in office) >= 30
    assert Limits().joiners >= len(office)


def test_rooms_and_knocks_are_counted_apart() -> None:
    gate = Gate(Limits(opens_per_minute=5, joins_per_minute=30))
    assert sum(gate.open(ADDRESS, now=0) for _ in range(10)) == 5
    assert sum(gate.join(ADDRESS, now=0) for _ in range(50)) == 30


def test_open_sockets_are_limited_until_some_are_closed() -> None:
    gate = Gate(Limits(sockets_per_address=2, sockets=3))
    assert [gate.enter(ADDRESS, now=0) for _ in range(3)] == [True, True, False]
    gate.leave(ADDRESS, now=0)
    assert gate.enter(ADDRESS, now=0)
    assert [gate.enter(LOOPBACK, now=0) for _ in range(2)] == [True, False]


def test_this_machine_is_counted_only_on_request() -> None:
    assert all(Gate(Limits()).connect(LOOPBACK, now=0) for _ in range(100))
    counting = Gate(Limits(count_loopback=True, connects_per_minute=20, rooms_per_address=10))
    assert sum(counting.connect(LOOPBACK, now=0) for _ in range(100)) == 20
    assert Gate(Limits()).rooms_allowed(LOOPBACK) is None
    assert counting.rooms_allowed(LOOPBACK) == 10


def test_idle_addresses_are_forgotten_and_busy_ones_are_not() -> None:
    gate = Gate(Limits())
    gate.connect(ADDRESS, now=0)
    gate.enter("192.0.2.8", now=0)
    gate.forget(now=61)
    assert len(gate) == 1
    gate.leave("192.0.2.8", now=61)
    gate.forget(now=130)
    assert len(gate) == 0


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("127.9.9.9", LOOPBACK),
        ("::1", LOOPBACK),
        ("not an address", "not an address"),
    ],
)
def test_addresses_are_counted_by_what_one_person_holds(host: str, key: str) -> None:
    assert address_key(host) == key
