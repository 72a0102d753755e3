"""Who comes when: as the arrival curve has it, or one by one, as a rehearsal's seed deals them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from loadtests.audience.crowd import share
from loadtests.audience.curve import Curve
from loadtests.audience.errands import errands
from loadtests.paper.plan.sorts import Kind, kinds
from loadtests.scenario.model import Scenario, Span
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Purpose

if TYPE_CHECKING:
    from loadtests.audience.arrivals import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """Those who come for one purpose while the stack has one set of rules."""

    purpose: Purpose
    span: Span
    kinds: Mapping[Kind, Ratio]  # all together: 1
    come: Sequence[float]  # a second, by entry
    stays: Sequence[tuple[Sequence[float], Seconds]]  # of them: mean stay (exponential)
    leave: Sequence[tuple[Seconds, Seconds]] = ()  # of them: when one comes, and stays how long


def expected(scenario: Scenario, every: Seconds, entries: int) -> Iterator[Some]:
    """Everybody, as the curve has them: the mean over all seeds."""
    early = scenario.viewing.early
    stays = [(1 - early, inf), (early, scenario.viewing.early_stay / scenario.speed)]
    edges = [scenario.offset(entry * every) for entry in range(entries + 1)]
    factor = scenario.scale / every
    for errand, pieces in errands(scenario).items():
        curve = Curve(pieces)
        for span in _spans(scenario):
            upto = (curve.area(span.start, min(max(span.start, e), span.stop)) for e in edges)
            come = [factor * (after - before) for before, after in pairwise(upto)]
            if any(come):
                yield Some(
                    purpose=errand.purpose,
                    span=span,
                    kinds=kinds(scenario, errand),
                    come=come,
                    stays=[([part * rate for rate in come], stay) for part, stay in stays if part],
                )


def dealt(scenario: Scenario, every: Seconds, entries: int) -> Iterator[Some]:
    """Everybody, as the rehearsal's seed deals them."""
    spans = list(_spans(scenario))
    groups: dict[tuple[Purpose, Span], list[Arrival]] = defaultdict(list)
    for arrival in share(scenario):
        span = next(span for span in reversed(spans) if span.start <= arrival.offset)
        groups[arrival.purpose, span].append(arrival)
    for (purpose, span), group in groups.items():
        counted = Counter(Kind(a.device_name, a.traits, a.signs_in) for a in group)
        yield Some(
            purpose=purpose,
            span=span,
            kinds={kind: number / len(group) for kind, number in counted.items()},
            come=_by_entry((a.at for a in group), every, entries),
            stays=[(_by_entry((a.at for a in group if a.stay == inf), every, entries), inf)],
            leave=[(a.at, a.stay) for a in group if a.stay < inf],
        )


def _by_entry(moments: Iterable[Seconds], every: Seconds, entries: int) -> list[float]:
    come = [0.0] * entries
    for at in moments:
        come[min(int(at / every), entries - 1)] += 1 / every
    return come


def _spans(scenario: Scenario) -> Iterator[Span]:
    """Parts of the window in which the stack has one set of rules."""
    window, stack = scenario.window, scenario.stack
    rules = (stack.household, stack.migration) if stack else ()
    inside = {rule.start for rule in rules if rule and window.start < rule.start < window.stop}
    for start, stop in pairwise((window.start, *sorted(inside), window.stop)):
        yield Span(start=start, stop=stop)
