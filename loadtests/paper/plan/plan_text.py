"""A plan for a terminal: the answer in its first lines, at most 100 columns."""

from collections.abc import Callable, Iterator
from functools import partial

from loadtests.export import words
from loadtests.export.terminal import BOLD, Paint, painter, wrapped
from loadtests.paper.plan import plan_words
from loadtests.paper.plan.costs import in_all
from loadtests.paper.plan.load import Load
from loadtests.paper.plan.minutes import minutes
from loadtests.paper.plan.outlook_text import outlooks, what_ifs
from loadtests.paper.plan.plan import Case, Plan, Source
from loadtests.paper.plan.plan_words import bit_rate, data, number, people, rate
from loadtests.scenario.demand import Recording
from loadtests.units import write_ratio
from loadtests.vocabulary import Step

_LABEL = 26
_COLUMN = 15

Of = Callable[[Load], str]
"""A figure of a load, as it is written."""


def plan_text(plan: Plan, *, by_minute: bool = False, color: bool = False) -> str:
    """The whole plan, ending with a newline. `color` (ANSI codes) is for a terminal only."""
    paint = painter(color=color)
    sections = [
        _answer(plan, paint),
        outlooks(plan, paint),
        _figures(plan),
        _steps(plan),
        _costs(plan),
        what_ifs(plan),
        minutes(plan) if by_minute else (),
        _assumptions(plan),
    ]
    written = ["\n".join(lines) for section in sections if (lines := list(section))]
    return "\n\n".join(written) + "\n"


def _answer(plan: Plan, paint: Paint) -> Iterator[str]:
    scenario = plan.question.scenario
    p50, p90 = (plan.loads[case] for case in Case)
    variant = f", variant {scenario.variant}" if scenario.variant else ""
    yield from wrapped(f"{scenario.title} ({scenario.name}{variant}), on paper: nothing was sent.")
    peak = f"{number(p50.joins.value)} joins/s {words.moment(p50.joins.at)}"
    said = f"{number(p50.viewers)} viewers come, at most {peak}."
    if _varies(plan):
        said += f" One evening in ten brings more than {number(p90.viewers)}."
    yield from (paint(line, BOLD) for line in wrapped(said))
    for event, later in plan.question.also:
        when = words.offset_clock(later)
        yield from wrapped(f"At once: {event.title} ({event.name}), its kick-off at {when}")
    background = plan.question.background
    if background is not None:
        yield f"Besides: {number(background.viewers)} viewers on demand"


def _varies(plan: Plan) -> bool:
    p50, p90 = (plan.loads[case] for case in Case)
    return p90.viewers > p50.viewers * 1.005  # else three digits are the same


def _figures(plan: Plan) -> Iterator[str]:
    yield from _heading(plan, "")
    yield _row(plan, "viewers", lambda load: people(load.viewers))
    yield _row(plan, "joins, at most", lambda load: rate(load.joins.value))
    yield _row(plan, "watching, at most", lambda load: people(load.watching.value))
    yield _row(plan, "requests, at most", lambda load: rate(load.requests.peak.value))
    yield _row(plan, "connections, at most", lambda load: rate(load.connections.peak.value))
    yield _row(plan, "bit rate, at most", lambda load: bit_rate(load.sent.value))
    yield _row(plan, "data in all", lambda load: data(load.bytes))
    yield from _support(plan)
    yield "To send as much, over TLS"
    yield _row(plan, "accounts", lambda load: people(load.viewers))
    yield _row(plan, "generator cores", lambda load: number(load.generators.processes))
    yield _row(plan, "their memory", lambda load: data(load.generators.memory))


def _heading(plan: Plan, label: str) -> Iterator[str]:
    scenario = plan.question.scenario
    played = f"{words.fraction(scenario.scale)}, speed {scenario.speed:g}"
    titles = [*(f"night {case.upper()}" for case in _cases(plan)), "rehearsal"]
    yield f"{label:<{_LABEL}}" + "".join(f"{title:>{_COLUMN}}" for title in titles) + f"  {played}"


def _cases(plan: Plan) -> list[Case]:
    """Both, unless they are one."""
    return list(Case) if _varies(plan) else [Case.P50]


def _row(plan: Plan, label: str, of: Of) -> str:
    loads = [*(plan.loads[case] for case in _cases(plan)), plan.rehearsal]
    return f"  {label:<{_LABEL - 2}}" + "".join(f"{of(load):>{_COLUMN}}" for load in loads)


def _support(plan: Plan) -> Iterator[str]:
    if plan.loads[Case.P50].support is None and plan.rehearsal.support is None:
        return
    yield _row(
        plan, "support calls", lambda load: people(load.support.calls if load.support else 0)
    )
    yield _row(
        plan,
        "  a minute, at most",
        lambda load: number(60 * load.support.busiest if load.support else 0),
    )
    if plan.rehearsal.support and plan.rehearsal.support.agents is not None:
        yield _row(plan, "  agents they ask for", _agents)


def _agents(load: Load) -> str:
    desk = load.support
    return words.NONE if desk is None or desk.agents is None else number(desk.agents)


def _steps(plan: Plan) -> Iterator[str]:
    told = (*plan.loads.values(), plan.rehearsal)
    steps = [step for step in Step if any(step in load.steps for load in told)]
    yield from _heading(plan, "Requests/s, at most")
    yield from (_row(plan, step, partial(_most, step)) for step in steps)
    yield from _heading(plan, "Requests in all")
    yield _row(plan, "all steps", lambda load: people(load.requests.total))
    yield from (_row(plan, step, partial(_all, step)) for step in steps)


def _most(step: Step, load: Load) -> str:
    asked = load.steps.get(step)
    return words.NONE if asked is None else rate(asked.peak.value)


def _all(step: Step, load: Load) -> str:
    asked = load.steps.get(step)
    return words.NONE if asked is None else people(asked.total)


def _costs(plan: Plan) -> Iterator[str]:
    scenario, prices = plan.question.scenario, plan.question.prices
    currency = prices.currency if prices else ""
    long = words.duration(scenario.duration)
    yield f"The rehearsal uses up, in {long}"
    for part in plan.costs:
        said = f"  {plan_words.QUANTITIES[part.name]:<{_LABEL}}{number(part.quantity):>12}"
        yield f"{said}{plan_words.cost(part, currency):>18}" if prices else said
    total = in_all(plan.costs)
    if total is not None:
        said = plan_words.money(total, currency)
        yield f"  {'what has a price, in all':<{_LABEL + 12}}{said:>18}"
    elif prices is None:
        yield "  --prices FILE says what that costs"


def _assumptions(plan: Plan) -> Iterator[str]:
    scenario = plan.question.scenario
    said = scenario.audience
    yield "What this rests on"
    if isinstance(scenario.arrivals, Recording) and scenario.arrivals.peak is not None:
        yield from wrapped(
            f"- the crowd is the one counted in {scenario.arrivals.recorded}, scaled"
        )
    else:
        yield from wrapped(
            f"- {words.count(said.published)} people ({said.basis}), "
            f"{_range(*_percents(plan))} on the app, {_range(*_people(plan))} per account; each "
            "estimate a PERT distribution"
        )
    yield from wrapped(f"- {_bit_rate(plan)}")
    yield from wrapped("- everybody is answered at once, and nothing fails")
    if scenario.hostile:
        yield from wrapped("- viewers alone: the scenario's hostile traffic comes on top")
    yield from wrapped(
        "- generator cores: as reports/benchmarks measured them, each half busy at most; "
        f"the night's are bound by {_bound(plan)}"
    )
    desk = plan.loads[Case.P50].support
    if desk and desk.handle_time:
        yield from wrapped(
            f"- agents: 80 % of the busiest minute's calls picked up within 20 s, if a call takes "
            f"{words.duration(desk.handle_time)}, as in the scenario; nobody redials"
        )


def _bound(plan: Plan) -> str:
    bound = plan.loads[Case.P50].generators.bound_by
    return "their CPU" if bound == "cpu" else "connections a process can have"


def _percents(plan: Plan) -> tuple[str, str, str]:
    share = plan.question.scenario.audience.share_on_app
    return write_ratio(share.value), write_ratio(share.low), write_ratio(share.high)


def _people(plan: Plan) -> tuple[str, str, str]:
    people = plan.question.scenario.audience.people_per_account
    return f"{people.value:g}", f"{people.low:g}", f"{people.high:g}"


def _range(value: str, low: str, high: str) -> str:
    return value if low == high else f"{value} ({low} to {high})"


def _bit_rate(plan: Plan) -> str:
    load = plan.loads[Case.P50]
    each = load.sent.value / load.watching.value if load.watching.value else 0.0
    said = f"a viewer takes {bit_rate(each)}, "
    if plan.bit_rate is Source.SAID:
        return f"{said}as --bit-rate says"
    if plan.bit_rate is Source.SIGNATURE:
        return f"{said}as the target of the signature served it"
    return (
        f"{said}as the embedded stream serves it, which has about a tenth of real bit rates: "
        "--bit-rate says what yours take"
    )
