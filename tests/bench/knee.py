"""The highest load that holds: steps until one does not, then halving the gap."""

from collections.abc import Callable

STEP = 1.25  # up or down, until the knee lies between two loads
WITHIN = 1.04  # the knee is told to 4 %: finer steps would measure the machine's noise


def knee(holds: Callable[[int], bool], *, first: int, most: int) -> int:
    """The highest load up to `most` that holds, within 4 %; 0 if not even a load of one does.

    Asks `holds` of `first`, of steps from there and of middles: what holds is taken to hold for
    every lower load too, and no load is asked for twice.
    """
    good, bad = 0, most + 1
    load = min(first, most)
    while good < load < bad:
        if holds(load):
            good = load
        else:
            bad = load
        load = _next(good, bad, most)
    return good


def _next(good: int, bad: int, most: int) -> int:
    """What to ask for next; one of the two if the knee is known."""
    if not good:
        return int(bad / STEP)
    if bad > most:
        return min(int(good * STEP) + 1, most)
    return good if bad <= good * WITHIN else (good + bad) // 2
