import time

from loadtests.swarm.clock import now


def test_the_clock_counts_seconds_since_the_epoch() -> None:
    before, moment, after = time.time(), now(), time.time()

    # the machine's own clock may have been slewed since import, by no more than this
    assert before - 1.0 <= moment <= after + 1.0


def test_the_clock_never_runs_backwards() -> None:
    moments = [now() for _ in range(1000)]

    assert moments == sorted(moments)
