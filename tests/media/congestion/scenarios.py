"""Calls over links of all kinds, and what is to be read off them.

`python -m tests.media.congestion.scenarios` prints the figures of all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from statistics import mean

from tests.media.congestion.call import Call, Camera, Flow, Mesh
from tests.media.congestion.link import Conditions

MBIT = 1e6
CUT, BACK = 10.0, 30.0
"""When a link of 2 Mbit/s is cut to 300 kbit/s, and when it is itself again."""


UPLINK_CUT, UPLINK_BACK = 8.0, 16.0


def free_lan(seed: int = 1) -> Call:
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, Conditions(delay_s=0.002))], seed).run(5)


def cut(seed: int = 1, *, queue_s: float = 0.3, policed: bool = False) -> Call:
    wide = Conditions(rate_bps=2 * MBIT, queue_s=queue_s, policed=policed)
    narrow = Conditions(rate_bps=0.3 * MBIT, queue_s=queue_s, policed=policed)
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, wide), (CUT, narrow), (BACK, wide)], seed).run(40)


def lossy(loss: float, seed: int = 1, *, burst: float = 1.0, rate_bps: float = 5 * MBIT) -> Call:
    conditions = Conditions(rate_bps=rate_bps, loss=loss, burst=burst)
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, conditions)], seed).run(25)


def two_flows(seed: int = 1) -> Call:
    flows = [Flow(1, wish_bps=12 * MBIT, seed=seed), Flow(2, wish_bps=12 * MBIT, begins=5, seed=seed)]
    return Call(flows, [(0, Conditions(rate_bps=4 * MBIT))], seed).run(45)


def latecomer(rate_bps: float, seed: int = 1) -> Call:
    """Two cameras of different meetings; the second begins when the first has all."""
    cameras: list[Flow] = [Camera(1, seed=seed), Camera(2, begins=20, seed=seed)]
    return Call(cameras, [(0, Conditions(rate_bps=rate_bps, queue_s=0.25, delay_s=0.025))], seed).run(90)


def application_limited(seed: int = 1) -> Call:
    return Call([Flow(1, wish_bps=0.5 * MBIT, seed=seed)], [(0, Conditions(rate_bps=20 * MBIT))], seed).run(20)


def reports_lost(seed: int = 1) -> Call:
    conditions = Conditions(rate_bps=2 * MBIT, feedback_loss=0.3)
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, conditions)], seed).run(25)


def reports_cease(seed: int = 1) -> Call:
    good, deaf = Conditions(rate_bps=2 * MBIT), Conditions(rate_bps=2 * MBIT, feedback_loss=1)
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, good), (10, deaf), (13, good)], seed).run(20)


def wifi(seed: int = 1) -> Call:
    conditions = Conditions(rate_bps=2 * MBIT, jitter_s=0.03)
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, conditions)], seed).run(25)


def long_way(seed: int = 1) -> Call:
    conditions = Conditions(rate_bps=2 * MBIT, delay_s=0.15)
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, conditions)], seed).run(25)


def longer_route(seed: int = 1) -> Call:
    near, far = Conditions(rate_bps=5 * MBIT), Conditions(rate_bps=5 * MBIT, delay_s=0.1)
    return Call([Flow(1, wish_bps=3 * MBIT, seed=seed)], [(0, near), (10, far)], seed).run(20)


def shared_uplink(count: int, seed: int = 1) -> tuple[list[Flow], Mesh]:
    flows = [Flow(number, wish_bps=1.5 * MBIT, seed=seed) for number in range(1, count + 1)]
    call = Call(flows, [(0, Conditions(rate_bps=3 * MBIT))], seed)
    return flows, Mesh([call]).run(20)


def uplink_cut(count: int, seed: int = 1) -> tuple[list[Flow], Mesh]:
    """An uplink of 1 Mbit/s for each link, cut to a fifth from `UPLINK_CUT` to `UPLINK_BACK`."""
    flows = [Flow(number, wish_bps=1.5 * MBIT, seed=seed) for number in range(1, count + 1)]
    wide, thin = Conditions(rate_bps=count * MBIT), Conditions(rate_bps=0.2 * count * MBIT)
    call = Call(flows, [(0, wide), (UPLINK_CUT, thin), (UPLINK_BACK, wide)], seed)
    return flows, Mesh([call]).run(24)


def viewers(rates: Iterable[float], seed: int = 1) -> tuple[list[Flow], Mesh]:
    """Each with a bottleneck of its own."""
    flows, calls = [], []
    for number, rate in enumerate(rates, 1):
        flows.append(Flow(number, wish_bps=1.5 * MBIT, seed=seed))
        calls.append(Call([flows[-1]], [(0, Conditions(rate_bps=rate))], seed))
    return flows, Mesh(calls).run(15)


def received_bps(flow: Flow, begin: float, end: float) -> float:
    return mean(sample.received_bps for sample in flow.samples if begin <= sample.time < end)


def target_bps(flow: Flow, begin: float, end: float) -> list[float]:
    return [sample.target_bps for sample in flow.samples if begin <= sample.time < end]


def queue_p95_s(flow: Flow, begin: float, end: float) -> float:
    waits = sorted(sample.queue_s for sample in flow.samples if begin <= sample.time < end)
    return waits[int(len(waits) * 0.95)]


def reached(flow: Flow, bps: float, after: float = 0.0) -> float:
    """Seconds from `after` until half a second brought so much on average."""
    for index, sample in enumerate(flow.samples):
        if sample.time >= after + 0.5 and mean(s.received_bps for s in flow.samples[index - 9 : index + 1]) >= bps:
            return sample.time - after
    return float("inf")


def reached_together(flows: list[Flow], bps: float, after: float) -> float:
    """Seconds from `after` until half a second brought so much on average, to all of them together."""
    sums = [
        sum(sample.received_bps for sample in samples)
        for samples in zip(*(flow.samples for flow in flows), strict=True)
    ]
    for index, sample in enumerate(flows[0].samples):
        if sample.time >= after + 0.5 and mean(sums[index - 9 : index + 1]) >= bps:
            return sample.time - after
    return float("inf")


def jain(rates: Iterable[float]) -> float:
    """Fairness by Jain's index: 1 if all are equal."""
    rates = list(rates)
    return sum(rates) ** 2 / (len(rates) * sum(rate * rate for rate in rates))


def _line(name: str, call: Call, begin: float, end: float) -> str:
    flows = call.flows
    rates = " ".join(f"{received_bps(flow, begin, end) / 1e3:5.0f}" for flow in flows)
    targets = [target for flow in flows for target in target_bps(flow, begin, end)]
    queue = queue_p95_s(flows[0], begin, end) * 1e3
    span = f"{begin:4.1f}-{end:4.1f} s"
    return f"{name:34} {span}  {rates:12} kbit/s  target >= {min(targets) / 1e3:5.0f}  queue p95 {queue:4.0f} ms"


def _figures() -> Iterable[str]:
    rows: list[tuple[str, Callable[[], Call], list[tuple[float, float]]]] = [
        ("free LAN, wish 3 Mbit/s", free_lan, [(0, 0.5), (0.5, 1.5), (1.5, 5)]),
        ("2 Mbit/s, cut, back", cut, [(3, 10), (10, 12), (12, 30), (30, 32), (32, 34), (34, 40)]),
        ("the same, queue 1 s", lambda: cut(queue_s=1), [(10, 12), (12, 30), (30, 32), (32, 34)]),
        (
            "the same, policed",
            lambda: cut(queue_s=0.1, policed=True),
            [(3, 10), (10, 12), (12, 30), (30, 34), (34, 40)],
        ),
        ("2 % lost of 5 Mbit/s", lambda: lossy(0.02), [(3, 25)]),
        ("5 % lost", lambda: lossy(0.05), [(3, 25)]),
        ("10 % lost", lambda: lossy(0.1), [(3, 25)]),
        ("10 % lost of 2 Mbit/s", lambda: lossy(0.1, rate_bps=2 * MBIT), [(3, 25)]),
        ("10 % lost of 5, five in a row", lambda: lossy(0.1, burst=5), [(3, 25)]),
        ("two flows on 4 Mbit/s", two_flows, [(5, 15), (15, 25), (25, 45)]),
        ("a second camera on 2 Mbit/s", lambda: latecomer(2 * MBIT), [(10, 20), (20, 30), (30, 60), (60, 90)]),
        ("a second camera on 1 Mbit/s", lambda: latecomer(MBIT), [(10, 20), (20, 30), (30, 60), (60, 90)]),
        ("500 kbit/s on 20 Mbit/s", application_limited, [(3, 20)]),
        ("30 % of reports lost, 2 Mbit/s", reports_lost, [(3, 25)]),
        ("no reports for 3 s, 2 Mbit/s", reports_cease, [(3, 10), (11, 13), (13, 15)]),
        ("Wi-Fi, 30 ms jitter, 2 Mbit/s", wifi, [(3, 25)]),
        ("300 ms round trip, 2 Mbit/s", long_way, [(0, 3), (3, 25)]),
        ("route longer by 80 ms, 5 Mbit/s", longer_route, [(3, 10), (10, 13), (13, 20)]),
    ]
    for name, make, spans in rows:
        call = make()
        for begin, end in spans:
            yield _line(name, call, begin, end)
    for count in (2, 5, 12):
        flows, _ = shared_uplink(count)
        rates = [received_bps(flow, 10, 20) for flow in flows]
        queue = queue_p95_s(flows[0], 10, 20) * 1e3
        figures = f"sum {sum(rates) / 1e3:.0f} kbit/s, Jain {jain(rates):.2f}, queue p95 {queue:.0f} ms"
        yield f"{count:2} links on 3 Mbit/s: {figures}"
    flows, _ = viewers([10 * MBIT, 10 * MBIT, 0.3 * MBIT, 10 * MBIT, 10 * MBIT])
    yield "one slow viewer of five: " + " ".join(f"{received_bps(flow, 5, 15) / 1e3:.0f}" for flow in flows)


if __name__ == "__main__":
    for line in _figures():
        sys.stdout.write(line + "\n")
