"""What one request of a watching viewer costs us, counted: no clock is asked, no machine matters.

Timing would need margins wider than most regressions. The interpreter's instructions are exact: a
change that adds work to every request shows, and has to be argued for here.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Self

import pytest
from unplugged import Crowd

from loadtests.collect import requests
from loadtests.vocabulary import Outcome

HERE = str(Path(__file__).parent)
VIEWERS = 200
SETTLED = 8  # seconds after the first arrival
MOST_INSTRUCTIONS = 1_690  # 75 of them: what the edge sees, at 200 requests a second
MOST_CALLS = 51


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd(VIEWERS)
    yield made
    made.close()


class Meter:
    """Counts instructions and calls of Python's while it is on, by function."""

    def __init__(self) -> None:
        self.instructions: Counter[CodeType] = Counter()
        self.calls: Counter[CodeType] = Counter()

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._entered)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _entered(self, frame: FrameType, _event: str, _arg: Any) -> Any:  # noqa: ANN401 - settrace's
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        self.calls[frame.f_code] += 1
        return self._executed

    def _executed(self, frame: FrameType, event: str, _arg: Any) -> Any:  # noqa: ANN401 - settrace's
        self.instructions[frame.f_code] += event == "opcode"
        return self._executed

    def ours(self, counted: "Counter[CodeType]") -> int:
        """Of the product's own functions and of what they call; a test's own do not count."""
        return sum(n for code, n in counted.items() if not code.co_filename.startswith(HERE))

    def __str__(self) -> str:
        return "\n".join(
            f"{n:9} {code.co_qualname} ({code.co_filename.rpartition('/')[2]})"
            for code, n in self.instructions.most_common(25)
        )


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11) or sys.implementation.name != "cpython",
    reason="each version of CPython has instructions of its own: those of 3.11 are counted",
)
def test_a_request_of_a_watching_viewer_takes_no_more_instructions_than_it_did(
    crowd: Crowd,
) -> None:
    list(crowd.play(SETTLED))
    before = crowd.kernel.requests

    with Meter() as meter:
        windows = list(crowd.play(2))

    made = crowd.kernel.requests - before
    assert made == sum(map(requests.ended, windows)) == 2 * VIEWERS
    assert meter.ours(meter.instructions) / made <= MOST_INSTRUCTIONS, str(meter)
    assert meter.ours(meter.calls) / made <= MOST_CALLS, str(meter)


def test_a_watching_viewer_s_requests_leave_nothing_behind(crowd: Crowd) -> None:
    list(crowd.play(SETTLED))
    blocks = sys.getallocatedblocks()

    for window in crowd.play(20):
        assert requests.outcomes(window).keys() <= {Outcome.OK}
        del window

    grown, made = sys.getallocatedblocks() - blocks, 20 * VIEWERS
    # a new segment every two seconds is remembered for a while, once for all viewers
    assert grown < made / 10, f"{grown} blocks more after {made} requests"
