"""Measures stacks drawn at random and holds what comes out against arithmetic."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from statistics import median
from typing import Any

from random_stacks import Drawn, draw

from loadtests.diagnosis.interval import wilson
from loadtests.paper.trials import capacity
from loadtests.units import PerSecond, Ratio

WORST = 12
"""Runs told one by one, by their error; as many at most of those whose step was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One search: what must come out, and what did. Rates in viewers a second."""

    seed: int
    joins: str
    tight: str
    knee: PerSecond
    value: PerSecond
    low: PerSecond
    high: PerSecond | None
    first: str | None
    is_step_right: bool
    trials: int

    @property
    def error(self) -> Ratio:
        """How far the value is from the knee, either way."""
        return abs(self.value / self.knee - 1)

    @property
    def is_covered(self) -> bool:
        """Whether the interval holds the knee."""
        return self.high is not None and self.low <= self.knee <= self.high


def measure(drawn: Drawn) -> Run:
    """Search the knee of one target."""
    knee = capacity(drawn.scenario, drawn.plan).knees[drawn.joins]
    return Run(
        seed=drawn.seed,
        joins=drawn.joins,
        tight=drawn.tight,
        knee=drawn.knee,
        value=knee.value,
        low=knee.low,
        high=knee.high,
        first=knee.first,
        is_step_right=knee.first in drawn.right,
        trials=len(knee.levels),
    )


def measure_all(seeds: Iterable[int]) -> list[Run]:
    """Search the knees of the targets of these numbers, on all cores, in their order."""
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        return list(pool.map(_measure, seeds))


def _measure(seed: int) -> Run:
    return measure(draw(seed))


def told(runs: Sequence[Run]) -> Mapping[str, Any]:
    """All that a reader may want to know of so many runs."""
    worst = sorted(runs, key=lambda run: run.error, reverse=True)[:WORST]
    wrong = [run for run in runs if not run.is_step_right][:WORST]
    return {
        "all": distribution(runs),
        "by_profile": _by("joins", runs),
        "by_component": _by("tight", runs),
        "worst": [{**asdict(run), "error": round(run.error, 5)} for run in worst],
        "wrong_step": [asdict(run) for run in wrong],
    }


def distribution(runs: Sequence[Run]) -> dict[str, Any]:
    """How far values are from knees, how often intervals hold them and steps are right."""
    errors = sorted(run.error for run in runs)
    covered = sum(run.is_covered for run in runs)
    right = sum(run.is_step_right for run in runs)
    return {
        "runs": len(runs),
        "error": {
            "median": round(median(errors), 5),
            "95 %": round(errors[-(-95 * len(errors) // 100) - 1], 5),
            "99 %": round(errors[-(-99 * len(errors) // 100) - 1], 5),
            "most": round(errors[-1], 5),
        },
        "bias": round(median(run.value / run.knee - 1 for run in runs), 5),
        "covered": round(covered / len(runs), 4),
        "covered_interval": [round(end, 4) for end in wilson(covered, len(runs))],
        "step_right": round(right / len(runs), 4),
        "trials": round(sum(run.trials for run in runs) / len(runs), 1),
    }


def _by(name: str, runs: Sequence[Run]) -> dict[str, Any]:
    kinds = sorted({str(getattr(run, name)) for run in runs})
    return {
        kind: distribution([run for run in runs if str(getattr(run, name)) == kind])
        for kind in kinds
    }


if __name__ == "__main__":  # from one seed up to another: to look at others than the test's
    import json

    first, last = map(int, sys.argv[1:])
    json.dump(told(measure_all(range(first, last))), sys.stdout, indent=1)
