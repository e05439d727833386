from __future__ import annotations

from collections import deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meshconf.devices.ring import Ring

SIZE = 7


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2 * SIZE))))
def test_what_is_read_is_what_was_written_oldest_thrown_out_and_silence_after_it(steps: list[tuple[bool, int]]) -> None:
    ring, model, written = Ring(SIZE, 2), deque[int](maxlen=SIZE), 0
    for is_write, count in steps:
        if is_write:
            numbers = np.arange(written + 1, written + count + 1, dtype=np.int16)
            place = ring.write(np.stack([numbers, -numbers], axis=1))
            assert place == written + max(0, count - SIZE)
            model.extend(int(number) for number in numbers)
            written += count
        else:
            out = np.full((count, 2), 99, dtype=np.int16)
            place, real = ring.read(out)
            expected = [model.popleft() for _ in range(min(count, len(model)))]
            assert place == written - len(model) - len(expected) and real == len(expected)
            assert out[:, 0].tolist() == expected + [0] * (count - real)
            assert (out[:, 1] == -out[:, 0]).all()
        assert len(ring) == len(model)
