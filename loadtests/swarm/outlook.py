"""What a rehearsal would play, in words, before anything is sent."""

from collections.abc import Iterator

from loadtests.audience import crowd
from loadtests.audience.curve import evening
from loadtests.export import words
from loadtests.scenario.demand import Recording
from loadtests.scenario.model import Audience, Scenario
from loadtests.stack.defaults import DEFAULT
from loadtests.units import write_duration, write_ratio


def outlook(scenario: Scenario) -> str:
    """What would be played, against which capacity, held to what; ends with a newline."""
    lines = [*_evening(scenario), *_crowd(scenario), *_objectives(scenario), *_stack(scenario)]
    return "\n".join(lines) + "\n"


def _evening(scenario: Scenario) -> Iterator[str]:
    variant = f", variant {scenario.variant}" if scenario.variant else ""
    yield f"{scenario.title} ({scenario.name}{variant})"
    window = words.span([scenario.window.start, scenario.window.stop])
    yield (
        f"Plays {window} around kick-off ({scenario.event.kick_off}) in "
        f"{words.duration(scenario.duration)}, at speed {scenario.speed:g}, seed {scenario.seed}"
    )


def _crowd(scenario: Scenario) -> Iterator[str]:
    planned = crowd.planned(scenario)
    peak = max(planned, default=0.0)
    yield (
        f"Viewers: {words.count(crowd.size(scenario))} planned at scale {scenario.scale:g}, "
        f"at most {peak:.1f} joins/s, {words.moment(scenario.offset(planned.index(peak)))}"
    )
    arrivals, audience = scenario.arrivals, scenario.audience
    yield (
        f"They stand for the {words.count(audience.viewers)} accounts of the whole evening: "
        f"{words.count(audience.published)} people, "
        f"{write_ratio(audience.share_on_app.value)} on the app, "
        f"{audience.people_per_account.value:g} per account"
    )
    if isinstance(arrivals, Recording):
        yield (
            f"They come as counted in {arrivals.recorded} ({arrivals.column}), scaled: "
            f"{words.count(evening(scenario).total)} of these accounts in the whole series"
        )
    if audience.affected is not None:
        yield _check(audience, *audience.affected)


def _check(audience: Audience, least: int, most: int) -> str:
    """Whether what was said about the evening and what we assume of it go together."""
    low, high = least / audience.viewers, most / audience.viewers
    return (
        f"Crowd check: {words.count(least)} to {words.count(most)} affected would be "
        f"{100 * low:.0f}-{100 * high:.0f} % of a {words.count(audience.viewers)} app crowd"
    )


def _objectives(scenario: Scenario) -> Iterator[str]:
    yield "Objectives" if scenario.objectives else "No objectives: nothing can be missed"
    for objective in scenario.objectives:
        yield f"  {objective.name}"


def _stack(scenario: Scenario) -> Iterator[str]:
    stack = scenario.embedded_stack
    yield (
        "Embedded stack"
        if stack
        else "Embedded stack: the default one, as the scenario describes none"
    )
    for step, station in (stack or DEFAULT).stations.items():
        yield (
            f"  {step.value:<12} {station.capacity:>8.1f}/s  {station.servers} servers, "
            f"{write_duration(station.service_time)} each, {station.queue} places in line"
        )
