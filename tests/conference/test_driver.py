"""The driver on faked links: whose messages count, how many, and what carriers can and cannot do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from meshconf.conference import signals
from meshconf.conference.driver import FROM_ONE, OFFERS
from meshconf.conference.signals import EARLY_EACH, FOR_ONE, ON_THE_ROAD
from meshconf.protocol.chat import Whisper
from meshconf.protocol.foothold import FOOTHOLD_WITHIN
from meshconf.protocol.identity import verify
from meshconf.protocol.messages import AnyMessage, Hello, Introduce, Leave, Ping, Relay, Signal, encode
from meshconf.protocol.peer import LinkState
from tests.support.links import Desk, FakeLink, Person, say, show
from tests.support.waiting import until

PEOPLE = sorted((Person(seed) for seed in range(2, 12)), key=lambda person: person.peer)
"""Ten others in the order of their ids; the first offers to us, the last is offered to."""
OFFERER, CARRIER, ANSWERER = PEOPLE[0], PEOPLE[-2], PEOPLE[-1]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A driver's surroundings; closes the driver afterwards."""
    desk = Desk()
    assert OFFERER.peer < desk.own.peer < CARRIER.peer < ANSWERER.peer
    yield desk
    await desk.driver.close()


def hello(person: Person, link: FakeLink) -> Hello:
    """What proves this person on this link."""
    binding = person.identity.sign(b"meshconf binding v1" + link.exporter("", 32) + person.peer.encode())
    return Hello(member=person.member, binding=binding)


async def connect(desk: Desk, person: Person) -> FakeLink:
    """A link that stands, to somebody to whom we offer; over the one before it if there is one."""
    desk.driver.settle()
    await until(lambda: any(link.session.peer == person.peer and not link.session.proven for link in desk.links))
    link = next(link for link in reversed(desk.links) if link.session.peer == person.peer)
    say(link, hello(person, link))
    assert desk.driver.mesh.link(person.peer) is LinkState.CONNECTED
    return link


async def reconnect(desk: Desk, person: Person, number: int, *, after: float = 5.0) -> FakeLink:
    """The person asks for a new link, and it stands."""
    desk.now += after
    desk.driver.take_signal(person.signal(desk.own.peer, "again", number), carrier=person.peer)
    return await connect(desk, person)


def chats(desk: Desk) -> list[str]:
    """The lines that arrived."""
    return [message.text for message in desk.application.messages if isinstance(message, Whisper)]


def relayed(link: FakeLink) -> list[Signal]:
    """The signals that were carried over this link for others."""
    return [message.signal for message in link.sent if isinstance(message, Relay)]


# Requests for a new offer.


async def test_a_carrier_who_repeats_a_request_makes_the_pair_reconnect_once(desk: Desk) -> None:
    desk.start(ANSWERER, CARRIER)
    await connect(desk, ANSWERER)
    carrier = await connect(desk, CARRIER)
    request = ANSWERER.signal(desk.own.peer, "again", 1)
    for _ in range(30):
        desk.now += 1.5
        say(carrier, Relay(signal=request))
    # At each turn of the loop: to the timers all have been silent for 45 seconds.
    await until(lambda: len(desk.links) == 3, every_s=0)
    link = desk.links[-1]
    say(link, hello(ANSWERER, link))
    for _ in range(30):
        desk.now += 1.5
        say(carrier, Relay(signal=request))
    assert desk.driver.mesh.link(ANSWERER.peer) is LinkState.CONNECTED
    assert len(desk.links) == 3


@pytest.mark.parametrize("field", ["session", "joined", "kind"])
async def test_a_carrier_cannot_change_a_request(desk: Desk, field: str) -> None:
    desk.start(ANSWERER)
    await connect(desk, ANSWERER)
    request = ANSWERER.signal(desk.own.peer, "again", 1)
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    forged = Signal(**{**fields, field: {"session": 2, "joined": 2, "kind": "offer"}[field]})
    desk.now += 5
    desk.driver.take_signal(forged, carrier=CARRIER.peer)
    assert desk.driver.mesh.link(ANSWERER.peer) is LinkState.CONNECTED


async def test_a_request_of_an_earlier_visit_is_dropped(desk: Desk) -> None:
    desk.start(ANSWERER)
    await connect(desk, ANSWERER)
    desk.now += 5
    former = ANSWERER.signal(desk.own.peer, "again", 50, joined=ANSWERER.member.joined - 1)
    desk.driver.take_signal(former, carrier=CARRIER.peer)
    assert desk.driver.mesh.link(ANSWERER.peer) is LinkState.CONNECTED


async def test_a_carrier_who_repeats_an_offer_uses_up_nothing_of_its_author(desk: Desk) -> None:
    desk.start(OFFERER, CARRIER)
    first = OFFERER.signal(desk.own.peer, "offer", 1)
    desk.driver.take_signal(first, carrier=CARRIER.peer)
    await until(lambda: any(link.session.peer == OFFERER.peer for link in desk.links))
    made = len(desk.links)
    for _ in range(100):
        desk.driver.take_signal(first, carrier=CARRIER.peer)
    desk.driver.take_signal(OFFERER.signal(desk.own.peer, "offer", 2), carrier=OFFERER.peer)
    await until(lambda: len(desk.links) > made)


# The measure of a peer.


async def test_a_peer_that_reconnects_gets_no_fresh_measure(desk: Desk) -> None:
    desk.start(ANSWERER)
    former = await connect(desk, ANSWERER)
    for _ in range(int(FROM_ONE.burst) - 20):
        say(former, Whisper(text="x"))
    said = len(chats(desk))
    present = await reconnect(desk, ANSWERER, 1, after=1.0)
    for _ in range(int(FROM_ONE.burst)):
        say(present, Whisper(text="x"))
    assert len(chats(desk)) - said <= 20 + FROM_ONE.messages
    await until(lambda: present.closed)


async def test_many_large_messages_end_the_link_though_they_are_few(desk: Desk) -> None:
    desk.start(ANSWERER)
    link = await connect(desk, ANSWERER)
    large = Whisper(text="x" * 4000)
    fitting = int(FROM_ONE.burst_bytes / len(encode(large)))
    assert fitting < FROM_ONE.burst
    for _ in range(fitting + 1):
        say(link, large)
    await until(lambda: link.closed)
    assert fitting - 1 <= len(chats(desk)) <= fitting


# Sessions that were replaced.


async def test_a_late_goodbye_of_the_old_connection_evicts_nobody(desk: Desk) -> None:
    desk.start(ANSWERER)
    former = await connect(desk, ANSWERER)
    present = await reconnect(desk, ANSWERER, 1)
    say(former, Leave())
    assert desk.driver.mesh.link(ANSWERER.peer) is LinkState.CONNECTED
    say(present, Leave())
    assert desk.driver.mesh.link(ANSWERER.peer) is None


async def test_words_sound_and_pictures_count_on_the_connection_in_use_only(desk: Desk) -> None:
    desk.start(ANSWERER)
    former = await connect(desk, ANSWERER)
    show(former)
    present = await reconnect(desk, ANSWERER, 1)
    for link in (former, present):
        show(link)
        say(link, Whisper(text="late" if link is former else "now"))
    assert chats(desk) == ["now"]
    assert len(desk.application.sound) == len(desk.application.pictures) == 2


async def test_nothing_counts_before_the_hello(desk: Desk) -> None:
    desk.start(ANSWERER)
    desk.driver.settle()
    await until(lambda: desk.links)
    show(desk.links[0])
    assert desk.application.sound == desk.application.pictures == []
    say(desk.links[0], Whisper(text="x"))
    await until(lambda: desk.links[0].closed)


async def test_a_ping_that_overtakes_the_hello_is_no_offence(desk: Desk) -> None:
    desk.start(ANSWERER)
    desk.driver.settle()
    await until(lambda: desk.links)
    say(desk.links[0], Ping(n=1), "rt")
    await connect(desk, ANSWERER)
    assert not desk.links[0].closed


async def test_an_answer_that_two_members_carry_is_taken_once(desk: Desk) -> None:
    desk.start(ANSWERER)
    desk.driver.settle()
    await until(lambda: desk.links)
    answer = ANSWERER.signal(desk.own.peer, "answer", 1)
    for carrier in (CARRIER, OFFERER):
        desk.driver.take_signal(answer, carrier=carrier.peer)
    await until(lambda: desk.links[0].accepted)
    assert desk.links[0].accepted == ["sdp"] and not desk.links[0].closed


# Signals.


async def test_a_forged_signal_costs_one_verification_and_nothing_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bytes] = []

    def counted(public: bytes, signature: bytes, message: bytes) -> bool:
        checked.append(message)
        return verify(public, signature, message)

    monkeypatch.setattr(signals, "verify", counted)
    desk.start(OFFERER)
    offer = OFFERER.signal(desk.own.peer, "offer", 1)
    forged = Signal(**{**{name: getattr(offer, name) for name in offer.__struct_fields__}, "sdp": "other"})
    before = asyncio.all_tasks()
    for _ in range(100):
        desk.driver.take_signal(forged, carrier=CARRIER.peer)
    assert len(checked) == 100 and asyncio.all_tasks() == before and desk.links == []
    desk.driver.take_signal(offer, carrier=CARRIER.peer)
    await until(lambda: desk.links)


async def test_a_flood_of_relays_costs_no_tasks_and_leaves_the_road_to_others(desk: Desk) -> None:
    flooder, honest, victim = PEOPLE[-3:]
    desk.start(flooder, honest, victim)
    links = {person.peer: await connect(desk, person) for person in (flooder, honest, victim)}
    flood = Relay(signal=flooder.signal(victim.peer, "again", 1))
    before = len(asyncio.all_tasks())
    for _ in range(20):
        desk.now += 1
        for _ in range(40):
            say(links[flooder.peer], flood)
    assert len(asyncio.all_tasks()) <= before
    word = honest.signal(victim.peer, "offer", 1)
    say(links[honest.peer], Relay(signal=word))
    carried = relayed(links[victim.peer])
    assert carried[-1] == word
    assert len(carried) <= FOR_ONE.burst + 20 * FOR_ONE.messages + 1


async def test_a_sealed_road_that_is_stuck_holds_few_signals_of_each_and_none_of_the_rest(desk: Desk) -> None:
    flooder, honest, visitor = PEOPLE[-3:]
    desk.start(flooder, honest)
    links = {person.peer: await connect(desk, person) for person in (flooder, honest)}
    waiting: list[AnyMessage] = []

    async def stuck(message: AnyMessage) -> None:
        waiting.append(message)
        await asyncio.Event().wait()

    desk.driver.add_route(visitor.peer, stuck)
    for number in range(50):
        say(links[flooder.peer], Relay(signal=flooder.signal(visitor.peer, "again", number)))
    say(links[honest.peer], Relay(signal=honest.signal(visitor.peer, "again", 1)))
    await until(lambda: len(waiting) == ON_THE_ROAD + 1)
    assert isinstance(waiting[-1], Relay) and waiting[-1].signal.sender == honest.peer


async def test_offers_beyond_measure_make_no_connections(desk: Desk) -> None:
    desk.start(OFFERER)
    for number in range(1, 50):
        desk.driver.take_signal(OFFERER.signal(desk.own.peer, "offer", number), carrier=CARRIER.peer)
    await until(lambda: len(desk.links) == OFFERS.burst)
    await until(lambda: all(link.closed for link in desk.links[:-1]))
    assert not desk.links[-1].closed


async def test_whoever_breaks_its_links_again_and_again_is_not_offered_new_ones_without_end(desk: Desk) -> None:
    desk.start(ANSWERER)
    for number in range(1, int(OFFERS.burst) + 1):
        link = await connect(desk, ANSWERER)
        assert len(desk.links) == number
        say(link, Leave(), "bulk")
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(desk.links) == OFFERS.burst


async def test_an_offer_that_outruns_its_introduction_is_taken_when_that_comes(desk: Desk) -> None:
    desk.start(ANSWERER, admitted=[OFFERER])
    link = await connect(desk, ANSWERER)
    desk.driver.take_signal(OFFERER.signal(desk.own.peer, "offer", 1), carrier=ANSWERER.peer)
    assert len(desk.links) == 1
    say(link, Introduce(members=[OFFERER.member]))
    await until(lambda: len(desk.links) == 2)
    assert desk.links[1].session.peer == OFFERER.peer


async def test_no_carrier_fills_the_room_for_early_signals(desk: Desk) -> None:
    desk.start(ANSWERER, admitted=[OFFERER])
    link = await connect(desk, ANSWERER)
    for number in range(100):
        stranger = Person(1000 + number)
        desk.driver.take_signal(stranger.signal(desk.own.peer, "offer", 1), carrier=ANSWERER.peer)
    assert len(desk.driver._signals._early) == EARLY_EACH
    desk.driver.take_signal(OFFERER.signal(desk.own.peer, "offer", 1), carrier=CARRIER.peer)
    say(link, Introduce(members=[OFFERER.member]))
    await until(lambda: len(desk.links) == 2)


# Newcomers.


async def test_a_newcomer_whose_doorman_vanished_is_told_so_in_a_sentence(desk: Desk) -> None:
    desk.start(ANSWERER, founder=False)
    desk.driver.settle()
    desk.now += FOOTHOLD_WITHIN
    desk.driver.handle_timer()
    assert desk.application.finished == ["stranded"]
    assert "join again" in desk.application.notices[0]
