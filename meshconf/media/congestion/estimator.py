"""What one link carries, as its sender sees it: from packets sent and the receiver's reports to a rate in bits/s.

Wires the parts of this folder together. Driven by `sent` for every packet, `feedback` for every report and `tick`
every 50 ms or so; all times are seconds of one monotonic clock. A receiver that lies spoils its own link only.
"""

from __future__ import annotations

from math import inf

from meshconf.media.congestion.arrivals import INTERVAL
from meshconf.media.congestion.delivery import Delivery
from meshconf.media.congestion.dispersion import Dispersion
from meshconf.media.congestion.history import Outcome, SentPackets
from meshconf.media.congestion.loss import Loss, Verdict
from meshconf.media.congestion.onset import Backlog, Onset
from meshconf.media.congestion.probing import ProbePlan, Probing
from meshconf.media.congestion.queue_delay import QueueDelay
from meshconf.media.congestion.rate import MIN_BPS, Path, Rate
from meshconf.media.rtp.rtcp import CongestionFeedback

START_BPS = 300_000
"""Where a link begins."""

MAX_BPS = 20_000_000
"""Where it ends."""

THRESHOLD = 0.02
"""Seconds of waiting that every link may show before it counts as congested."""

PACKET_BITS = 1200 * 8
"""Bits of ours that may wait besides: on a slow link one packet is long. Of several flows the fastest yields first."""

SLOWEST_BPS = 150_000
"""Rate below which a packet is not allowed any longer."""

NOISE_MARGIN = 2.0
"""Times the noise of the delay that is added to the threshold."""

START = 1.5
"""Seconds from the first report in which bursts follow each other, before the sources have followed them."""

UNTRIED = 2.0
"""Times the acknowledged rate above which nothing more is probed for, unless it is less than a link begins with."""

SILENCE = 0.5
"""Seconds without a report, besides the round trip, after which the rate is halved, and halved again."""

TRIAL_SHARE = 0.95
"""Share of what came out that is sent to see whether loss goes."""

CALM = 2.0
"""Seconds after congestion in which nothing is probed for."""

UNHEARD = 1.0
"""Seconds after the last report in which pictures wait for the next one."""

ALLOWED = 0.25
"""Seconds at the rate that may be on their way besides the round trip and the time between reports."""

KNOWN = 0.1
"""The same, where it is known what the link carries: so long a queue may become, and so late a voice."""

DRAINED = 0.03
"""The same, while a queue drains."""

_SMOOTHING = 0.125
_UNKNOWN_ROUND_TRIP = 0.2


class LinkEstimator:
    """The rate of one link.

    Args:
        start_bps: rate before anything is known.
        max_bps: rate that is never exceeded.
    """

    def __init__(self, start_bps: float = START_BPS, max_bps: float = MAX_BPS) -> None:
        self._sent = SentPackets()
        self._backlog = Backlog()
        self._onset = Onset()
        self._dispersion = Dispersion()
        self._queue = QueueDelay()
        self._delivery = Delivery()
        self._loss = Loss()
        self._rate = Rate(start_bps, max_bps)
        self._probing = Probing()
        self._newest_sent = float("-inf")
        self._round_trip: float | None = None
        self._empty_round_trip: float | None = None
        self._heard = 0
        self._heard_at = float("-inf")
        self._began: float | None = None
        self._last_sent = float("-inf")
        self._waiting_since: float | None = None
        self._missing: list[tuple[int, int, float]] = []
        self._trial_bps = float("inf")
        self.wanted_bps = max_bps
        """What the sources of this link would use at most: above it nothing is probed for."""

    @property
    def target_bps(self) -> int:
        """What may be sent, in bits/s: sound, pictures, retransmissions and padding together."""
        return int(max(MIN_BPS, min(self._rate.bps, self._trial_bps)))

    @property
    def rtt_s(self) -> float:
        """Smoothed round trip; 0 before the first report."""
        return self._round_trip or 0.0

    @property
    def loss(self) -> float:
        """Share of the packets lost in the last second."""
        return self._loss.ratio

    @property
    def unforced_loss(self) -> float:
        """The same, but for losses to a queue of ours that was too long: those end with it."""
        return self._loss.unforced

    @property
    def queue_delay_s(self) -> float:
        """How long packets wait in the network's queues."""
        return self._queue.seconds

    @property
    def acknowledged_bps(self) -> int:
        """What came out at the far end lately, in bits/s."""
        return int(self._delivery.acknowledged_bps)

    @property
    def congested(self) -> bool:
        """Whether more was sent than the link carries, and the queue is not gone yet."""
        return self._rate.draining

    @property
    def overloads(self) -> bool:
        """Whether what we send is the reason for what is lost or waits, or may be."""
        return self.congested or self._loss.suspected

    def sent(self, ssrc: int, sequence: int, size_bytes: int, now: float) -> None:
        """Note a packet that leaves: sequence of 16 bits under its own SSRC, size as it counts on the link."""
        self._sent.sent(ssrc, sequence, size_bytes, now, self._backlog.add(size_bytes, self._rate.bps, now))
        self._probing.sent(size_bytes, now)
        # After a pause waiting begins anew: the last packet before it may be lost, and nobody tells.
        if self._waiting_since is None or now - self._last_sent > SILENCE:
            self._waiting_since = now
        self._last_sent = now

    def copied(self, ssrc: int, sequence: int) -> None:
        """Note that a packet is sent once more under its own number: its coming late says nothing of the link."""
        self._sent.copied(ssrc, sequence)

    def feedback(self, report: CongestionFeedback, now: float) -> None:
        """Take a report of the receiver."""
        outcome = self._sent.resolve(report, now)
        if not outcome.acknowledged and not outcome.lost:
            return
        self._missing = outcome.missing
        self._waiting_since = None
        self._began = now if self._began is None else self._began
        if outcome.newest is not None and outcome.round_trip is not None:
            self._queue.update(outcome.acknowledged, now)
            self._onset.update(outcome.acknowledged, self._queue.base, self._queue.noise)
            self._delivery.update(outcome.acknowledged, self._queue.base, now)
            self._welcome(self._dispersion.update(outcome.acknowledged), now)
            if self._onset.rising and not self.congested:
                self._delivery.slower_since(self._onset.since)
            self._newest_sent = max(self._newest_sent, outcome.newest.sent)
            self._heard, self._heard_at = max(self._heard, outcome.heard), now
            self._round_trip = _follow(self._round_trip, outcome.round_trip)
            waited = outcome.newest.arrived - outcome.newest.sent - self._queue.base
            self._empty_round_trip = _follow(self._empty_round_trip, outcome.round_trip - waited)
        self._heed_loss(outcome, now)
        self._heed_probe(outcome, now)
        self._adapt(now)

    def room(self, now: float) -> float:
        """Bytes of pictures that may leave now; what is on its way unheard of would wait in the network's queues."""
        if self._empty_round_trip is None or now > self._heard_at + UNHEARD:
            return inf
        if self._onset.rising:
            return 0.0
        bps, wait = self._rate.bps, ALLOWED
        if self._rate.limit is not None:
            bps, wait = max(bps, self._rate.limit), DRAINED if self.congested else KNOWN
        return bps / 8 * (max(0.0, self._empty_round_trip) + INTERVAL + wait) - (self._sent.total - self._heard)

    def missing(self, since: float) -> list[tuple[int, int]]:
        """SSRC and sequence number of packets sent after `since` that the last report has found missing; told once."""
        missing, self._missing = self._missing, []
        return [(ssrc, sequence) for ssrc, sequence, sent in missing if sent >= since]

    def tick(self, now: float) -> None:
        """Let time pass: where packets leave and no report comes, less is sent."""
        self._delivery.tick(now)
        if self._waiting_since is None:
            return
        # Measured by what was sent meanwhile: who sends nothing hears nothing.
        if self._last_sent - self._waiting_since > SILENCE + self.rtt_s:
            self._rate.starve(now)
            self._waiting_since = self._last_sent - self.rtt_s

    def probe(self, now: float) -> ProbePlan | None:
        """A burst to be sent at once, if one is due; to be asked as often as `tick`."""
        if self._began is None or self.congested or self._loss.trying:
            return None
        if self._queue.seconds > self._threshold() / 3:
            return None
        tried = max(START_BPS, UNTRIED * self._delivery.acknowledged_bps)
        if now > self._began + START and self._rate.bps > tried:
            return None
        return self._probing.plan(self._rate.bps, self.wanted_bps, now)

    def _threshold(self) -> float:
        used = min(self._rate.bps, self._delivery.acknowledged_bps)
        return THRESHOLD + PACKET_BITS / max(SLOWEST_BPS, used) + NOISE_MARGIN * self._queue.noise

    def _heed_loss(self, outcome: Outcome, now: float) -> None:
        round_trip = self._round_trip or _UNKNOWN_ROUND_TRIP
        came = len(outcome.acknowledged)
        match self._loss.update(
            came, outcome.lost, outcome.bursts, queued=self.congested, round_trip=round_trip, now=now
        ):
            case Verdict.TRY_LESS:
                self._trial_bps = TRIAL_SHARE * self._delivery.acknowledged_bps
            case Verdict.CONGESTED:
                self._rate.lower(self._trial_bps)
                self._probing.delay(now + CALM)
        if not self._loss.trying:
            self._trial_bps = float("inf")

    def _heed_probe(self, outcome: Outcome, now: float) -> None:
        found = self._probing.update(outcome.acknowledged, self._round_trip or _UNKNOWN_ROUND_TRIP, now)
        if found is not None:
            self._rate.lift(found)
            self._loss.abandon(now)

    def _welcome(self, faster_bps: float | None, now: float) -> None:
        if faster_bps is not None and not self.congested:
            self._rate.forget_limit()
            self._probing.hurry(now, faster_bps)

    def _adapt(self, now: float) -> None:
        # What a link loses whatever is sent takes nothing from what may be sent.
        passing = 1 - self._loss.tolerated
        busy = self._delivery.busy_bps
        if busy is None and self._onset.rising:
            busy = max(self._onset.bps, self._delivery.acknowledged_bps * self._onset.slowed)
        path = Path(
            queue_s=self._queue.seconds,
            threshold_s=self._threshold(),
            acknowledged_bps=self._delivery.acknowledged_bps / passing,
            busy_bps=None if busy is None else busy / passing,
            newest_sent=self._newest_sent,
            round_trip_s=self._round_trip or _UNKNOWN_ROUND_TRIP,
            rising=self._onset.rising,
            newest_wait_s=self._onset.wait,
        )
        limited = self._rate.limit is not None
        was = self.congested
        if self._rate.update(path, now):
            self._queue.rebase()
        if self.congested and not was:
            self._probing.delay(now + CALM)
        elif limited and self._rate.limit is None:
            self._probing.hurry(now)


def _follow(known: float | None, news: float) -> float:
    return news if known is None else known + _SMOOTHING * (news - known)
