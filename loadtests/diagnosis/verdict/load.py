"""The but-for test: demand of everybody, of viewers, of viewers at their first try, ÷ the knee."""

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

from loadtests.collect.edge.sighting import DENIALS, Attempt, Said
from loadtests.collect.edge.window import Traffic
from loadtests.diagnosis.hostile.report import HostileReport, Suspects
from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.measures.measure import traffic
from loadtests.diagnosis.signature import Figure, Signature
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.price import price
from loadtests.diagnosis.verdict.records import Reading
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.units import PerSecond, Ratio
from loadtests.vocabulary import Step

WIDER: Ratio = 0.05
"""Standard deviation added to a knee's: a night is not the day it was measured."""

_STEM = 2 * 1.6448536269514722  # a figure's interval: 90 %
_SPREAD = 1.959963984540054  # a reading's: 95 %
_FREE = frozenset({Said.BLOCKED, Said.GONE, Said.QUEUED})
"""Never got to the step, or went before it was their turn."""
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """How likely each line of the but-for table is; they add up to 1."""

    demand: Ratio  # first attempts of viewers alone reach the knee
    price: Ratio  # they do at what a request costs tonight
    retries: Ratio  # with their retries they do
    malice: Ratio  # only with the suspects
    below: Ratio  # nothing reaches it


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Demand ÷ knee at one step, in one span; 95 % intervals that include the knee's own."""

    knee: PerSecond  # tonight
    total: Reading
    legitimate: Reading  # without suspects
    first: Reading  # of these, without retries
    dearer: Reading  # the same at what a request costs tonight
    is_first_known: bool  # else `first` is the least it can be: different clients
    chances: Chances


def load(scene: Scene) -> Load | None:
    """Of the core; None where no knee of the step is known, or it was never exceeded tonight."""
    knee = tonight(scene.night, scene.step)
    if knee is None or knee.value <= 0:
        return None
    of = traffic(scene.core, scene.step)
    per = 1 / (scene.core_lasted * scene.night.sampled)
    total = _cost(of, scene.night.signature, scene.step) * per
    if not total or (knee.at_least and total > knee.value):
        return None
    suspected = suspects(scene.report, scene)
    legitimate = 1 - suspected.value
    first = first_share(of)
    known = first is not None
    share = first if first is not None else of.clients.count / max(1, count(of))
    noise = sqrt(2 / max(1, count(of)))
    doubt = _doubt(knee)
    unsure = (suspected.high - suspected.low) / (2 * _SPREAD) / max(0.05, legitimate)
    ratios = [total / knee.value, total * legitimate / knee.value]
    ratios.append(ratios[1] * min(1.0, share))
    paid = price(scene, knee)
    rise = paid.rise if paid else 1.0
    spreads = [hypot(doubt, noise), hypot(doubt, noise, unsure), hypot(doubt, noise, unsure)]
    return Load(
        knee=knee.value,
        total=_reading(ratios[0], spreads[0], count(of)),
        legitimate=_reading(ratios[1], spreads[1], count(of)),
        first=_reading(ratios[2], spreads[2], count(of)),
        dearer=_reading(ratios[2] * rise, spreads[2], count(of)),
        is_first_known=known,
        chances=_chances(ratios, spreads, rise),
    )


def hypot(*parts: float) -> float:
    """Of independent spreads."""
    return sqrt(sum(part * part for part in parts))


def tonight(night: Night, step: Step) -> Figure | None:
    """The step's knee with the replicas it has tonight.

    None if none is known, or not of tonight's build.
    """
    signature = night.signature
    if signature is None or is_stale(night):
        return None
    knee = signature.knee.get(step)
    if knee is None:
        return None
    then, now = signature.replicas.get(step), night.replicas.get(step)
    factor = now / then if then and now else 1.0
    high = None if knee.high is None else knee.high * factor
    return Figure(
        value=knee.value * factor,
        low=knee.low * factor,
        high=high,
        unit=knee.unit,
        at_least=knee.at_least,
    )


def is_stale(night: Night) -> bool:
    """Whether the signature is of another build than tonight's."""
    signature = night.signature
    return bool(signature and night.build and signature.build and night.build != signature.build)


def first_share(of: Traffic) -> Ratio | None:
    """First attempts ÷ requests; None where nobody says."""
    by = {
        attempt: sum(n for (_, how), n in of.said.items() if how is attempt) for attempt in Attempt
    }
    known = by[Attempt.FIRST] + by[Attempt.RETRY]
    if known < by[Attempt.UNKNOWN]:
        return None
    return by[Attempt.FIRST] / known if known else None


def suspects(report: HostileReport, scene: Scene) -> Reading:
    """Share of the step's requests in the core that is suspected, with its interval."""
    at = report.suspects.get(scene.step)
    if at is None:
        return Reading(value=0.0, low=0.0, high=0.0, samples=0)
    weights = [(number, scene.asked(number)) for number in range(*scene.core_bins)]
    asked = sum(weight for _, weight in weights)
    parts = [(weight, _at(at, report, number * scene.bins.size)) for number, weight in weights]
    value, low, high = (
        sum(weight * part[end] for weight, part in parts) / max(1, asked) for end in range(3)
    )
    return Reading(value=value, low=low, high=high, samples=asked)


def _at(of: Suspects, report: HostileReport, second: float) -> tuple[Ratio, Ratio, Ratio]:
    place = int((second - report.span.start) // report.bin)
    if not 0 <= place < len(of.share):
        return 0.0, 0.0, 0.0
    return of.share[place], of.low[place], of.high[place]


def _cost(of: Traffic, signature: Signature | None, step: Step) -> float:
    """Requests, each as often as it costs what an ordinary one does."""
    denied = count(of, DENIALS)
    asked = count(of) - count(of, _FREE)
    demand = signature.demand.get(step) if signature else None
    if demand is None or demand.denied_cost is None or not demand.cost:
        return float(asked)
    return asked - denied + denied * demand.denied_cost / demand.cost


def _doubt(knee: Figure) -> float:
    """Standard deviation of the knee's logarithm."""
    high = knee.high if knee.high is not None else knee.value
    spread = log(high / knee.low) / _STEM if knee.low > 0 else 1.0
    return hypot(spread, WIDER)


def _reading(ratio: Ratio, spread: float, samples: int) -> Reading:
    return Reading(
        value=ratio,
        low=ratio * exp(-_SPREAD * spread),
        high=ratio * exp(_SPREAD * spread),
        samples=samples,
    )


def _chances(ratios: list[Ratio], spreads: list[float], rise: Ratio) -> Chances:
    total, legitimate, first = map(_reaches, ratios, spreads)
    legitimate = min(legitimate, total)
    first = min(first, legitimate)
    # what a step that grew dear fails at anyway, neither repeats nor suspects have made fail
    dearer = min(max(first, _reaches(ratios[2] * rise, spreads[2])), total)
    return Chances(
        demand=first,
        price=dearer - first,
        retries=max(legitimate, dearer) - dearer,
        malice=total - max(legitimate, dearer),
        below=1 - total,
    )


def _reaches(ratio: Ratio, spread: float) -> Ratio:
    """How likely demand so many times the knee is above it."""
    return _NORMAL.cdf(log(ratio) / spread) if ratio > 0 else 0.0
