"""Stacks of known capacity for searches on the wire: what tightens, how a crowd comes, the knee."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from kit import matchnight, write_evening

from loadtests.audience.trial import Joins, Trial
from loadtests.diagnosis.signature import JoinKnee, read_signature
from loadtests.units import PerSecond, Ratio
from loadtests.vocabulary import Step

SIGNS_IN = 0.3
"""Of the evening's viewers; all others have a token from another day."""

STAY = 3.0
"""Seconds a viewer watches: the shorter, the sooner a load is the same all the time."""

SURGE = Trial(number=1, joins=Joins.SURGE, rate=1.0).rise
"""Seconds for which a surge is at its height."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A stack, in YAML, and the viewers a second it carries."""

    stack: str
    knee: PerSecond


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One way to come, and the place where the stack is tight."""

    joins: Joins
    right: frozenset[Step]  # any of them may be named as the first to break
    draw: Callable[[Random], Drawn]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A search on the wire beside what it should find; viewers a second."""

    seed: int
    knee: PerSecond
    value: PerSecond
    low: PerSecond
    high: PerSecond | None
    first: Step | None

    @property
    def error(self) -> Ratio:
        """How far the value is from the knee, either way."""
        return abs(self.value / self.knee - 1)


def _station(step: Step, random: Random, *, queue: int) -> tuple[str, PerSecond]:
    """A station's line of YAML, and its capacity: 15 to 30 requests a second."""
    servers, milliseconds = random.randint(3, 6), random.randint(150, 220)
    text = f"    {step}: {{servers: {servers}, service_time: {milliseconds}ms, queue: {queue}}}\n"
    return f"stack:\n  stations:\n{text}", servers / milliseconds * 1000


def sign_in(random: Random) -> Drawn:
    """As many as may sign in, of a crowd of which a part does."""
    stack, capacity = _station(Step.SIGN_IN, random, queue=random.randint(3, 60))
    return Drawn(stack=stack, knee=capacity / SIGNS_IN)


def entitlement(random: Random) -> Drawn:
    """Every viewer asks once."""
    stack, capacity = _station(Step.ENTITLEMENT, random, queue=random.randint(3, 60))
    return Drawn(stack=stack, knee=capacity)


def license_(random: Random) -> Drawn:
    """A surge may be higher than the capacity by what its places in line take until it is over."""
    queue = random.randint(3, 30)
    stack, capacity = _station(Step.LICENSE, random, queue=queue)
    return Drawn(stack=stack, knee=capacity + queue / SURGE)


def limit(random: Random) -> Drawn:
    """Requests in progress, of two steps that nobody waits for: so many that one more is little."""
    places = random.randint(100, 150)
    times = {step: random.randint(1500, 2000) for step in (Step.ENTITLEMENT, Step.SESSION)}
    lines = "".join(
        f"    {step}: {{servers: 999, service_time: {time}ms, queue: 0}}\n"
        for step, time in times.items()
    )
    stack = f"stack:\n  concurrency_limit: {places}\n  stations:\n{lines}"
    return Drawn(stack=stack, knee=places / sum(times.values()) * 1000)


CELLS: Mapping[str, Cell] = {
    "sign_in/step": Cell(joins=Joins.STEP, right=frozenset({Step.SIGN_IN}), draw=sign_in),
    "entitlement/ramp": Cell(
        joins=Joins.RAMP, right=frozenset({Step.ENTITLEMENT}), draw=entitlement
    ),
    "license/surge": Cell(joins=Joins.SURGE, right=frozenset({Step.LICENSE}), draw=license_),
    "limit/step": Cell(joins=Joins.STEP, right=frozenset(Step), draw=limit),
}
"""By what is tight and how the crowd comes; of a common limit, any step may be the first."""


def search(
    cell: Cell,
    folder: Path,
    *,
    seed: int,
    first: Ratio | None = None,
    most: Ratio = 3.0,
) -> Found:
    """Search a stack drawn by `seed`, from `first` (None: drawn) up to `most` times its knee."""
    random = Random(seed)  # noqa: S311 - a draw, not a secret
    drawn = cell.draw(random)
    start = (first or random.uniform(0.4, 0.9)) * drawn.knee
    scenario = write_evening(folder, more=f"{drawn.stack}seed: {seed}\n")
    out = folder / "found"
    done = matchnight(
        *("capacity", scenario, "--joins", cell.joins, "--knee-only", "--stay", f"{STAY:g}s"),
        *("--from", f"{start:.2f}/s", "--most", f"{most * drawn.knee:.2f}/s"),
        *("--report-dir", out),
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: JoinKnee = read_signature(out / "signature.json").joins[cell.joins]
    return Found(
        seed=seed,
        knee=drawn.knee,
        value=told.knee.value,
        low=told.knee.low,
        high=told.knee.high,
        first=told.first,
    )
