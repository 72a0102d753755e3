"""What must hold of a scenario's hostile traffic: it is played, and never too much of it."""

from collections.abc import Callable, Iterator

from loadtests.binding import Misfit
from loadtests.scenario.hostile import (
    HOLDING,
    LONGEST,
    MOST_CONNECTIONS,
    MOST_REQUESTS,
    MOST_SOURCES,
    Attack,
)
from loadtests.scenario.model import Scenario
from loadtests.units import plain, write_duration, write_offset


def attacks_are_played(scenario: Scenario) -> Iterator[Misfit]:
    """What lies outside the window is not; what is, does not last too long."""
    window = scenario.window
    for index, attack in enumerate(scenario.hostile):
        start, stop = attack.span_in(scenario)
        if start == stop:
            played = f"[{write_offset(window.start)}, {write_offset(window.stop)}]"
            what = f"nothing of it is played; write a time in the window, {played}"
            yield Misfit(what, "hostile", index, "from")
        if stop - start > LONGEST:
            what = f"lasts {write_duration(stop - start)} of the run"
            most = write_duration(LONGEST * scenario.speed)
            yield Misfit(f"{what}; write at most {most}", "hostile", index, "lasts")


def attacks_stay_within_bounds(scenario: Scenario) -> Iterator[Misfit]:
    """All of them together, at any moment."""

    def begun(attack: Attack) -> float:
        return attack.rate_in(scenario)

    def held(attack: Attack) -> float:
        start, stop = attack.span_in(scenario)
        return begun(attack) * min(attack.holds, stop - start) * (attack.pattern in HOLDING)

    yield from _bounded(scenario, begun, MOST_REQUESTS, "requests a second")
    yield from _bounded(scenario, held, MOST_CONNECTIONS, "connections at once")


def attacks_have_addresses(scenario: Scenario) -> Iterator[Misfit]:
    """Each of them its own, and there are only so many."""
    together = 0
    for index, attack in enumerate(scenario.hostile):
        together += attack.sources
        if together > MOST_SOURCES:
            what = f"makes {together} addresses, all attacks together"
            yield Misfit(f"{what}; write less: {MOST_SOURCES} at most", "hostile", index, "sources")
            return


def _bounded(
    scenario: Scenario, amount: Callable[[Attack], float], most: float, what: str
) -> Iterator[Misfit]:
    """The first attack that makes it too much, where one does."""
    for index, attack in enumerate(scenario.hostile):
        together = sum(amount(a) for a in scenario.hostile if a.start <= attack.start < a.stop)
        if together > most:
            said = f"makes {plain(round(together))} {what} of the run, hostile traffic together"
            factor = attack.rate / together * most
            yield Misfit(f"{said}; write at most {plain(factor)[:6]}/s", "hostile", index, "rate")
            return
