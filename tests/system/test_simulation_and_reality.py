"""What is simulated is what happens: shipped scenarios on the wire, and the same seeds on paper.

On paper twice: against the scenario's own stack, and against a model of it made from a signature,
which a capacity search has found of that stack.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from statistics import fmean

import pytest
from kit import kept, matchnight, record, summary

from loadtests.audience.trial import Joins, trial_scenario
from loadtests.collect import qoe, requests
from loadtests.collect.window import Window
from loadtests.diagnosis.black_screens import black, decided
from loadtests.diagnosis.explore import Plan
from loadtests.diagnosis.level import Level
from loadtests.diagnosis.sign import Told, sign
from loadtests.diagnosis.signature import Signature
from loadtests.diagnosis.target import modeled
from loadtests.errors import ExitStatus
from loadtests.paper.simulate import START, play, simulate
from loadtests.paper.trials import capacity
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.stack.service import Service

SEEDS = (1, 2, 3, 4, 5)
CELLS = (("psg-juventus", "a"), ("psg-juventus", "b"), ("netflix-outage", "none"))
CEILING = 40.0  # viewers a second of a search: four times what comes to the calmer evening
WITHIN = 0.1
NAME = "simulation-and-reality"
COMMITTED = Path(__file__).parents[2] / "reports" / "evaluation" / f"{NAME}.json"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is compared of a run."""

    black_screens: float
    startup_p95: float
    amplification: float


NAMES = tuple(field.name for field in fields(Figures))


def read(name: str, variant: str, seed: int) -> Scenario:
    return read_scenario(find(name), variant=variant, seed=seed)


def on_the_wire(folder: Path, name: str, variant: str, seed: int) -> Figures:
    out = folder / f"{name}-{variant}-{seed}"
    wishes = ("--variant", variant, "--seed", str(seed), "--report-dir", out, "--quiet")
    done = matchnight("rehearse", name, *wishes, timeout=400)
    assert done.returncode == ExitStatus.MISSED, done.stdout[-2000:] + done.stderr
    told = summary(out)
    return Figures(
        black_screens=told["black_screens"]["share"],
        startup_p95=told["startup_time"]["p95"],
        amplification=told["requests"]["amplification"],
    )


def on_paper(scenario: Scenario) -> Figures:
    total = simulate(scenario).total
    amplification = requests.amplification(total)
    assert amplification is not None
    return Figures(
        black_screens=black(total, scenario.black_screens) / decided(total),
        startup_p95=qoe.startup_times(total).quantile(0.95),
        amplification=amplification,
    )


@cache
def signature(name: str, variant: str) -> Signature:
    """Of the scenario's own stack on a day without incidents, searched on paper."""
    scenario = read(name, variant, seed=99)
    assert scenario.stack is not None
    scenario = replace(scenario, stack=replace(scenario.stack, faults=()))
    plan = Plan(first=1.0, ceiling=CEILING, joins=(Joins.STEP,), overload=False, again=False)
    found = capacity(scenario, plan)
    assert found.lowest is not None
    told = Told(target=f"the stack of {name}, {variant}", embedded=True, created="2026-11-23")
    return sign(found, scenario, low=_again(scenario, found.lowest), told=told)


def _again(scenario: Scenario, level: Level) -> Window:
    """The windows of a level that held, which depend on nothing before it."""
    stack = scenario.embedded_stack
    assert stack is not None
    service = Service(stack)
    service.begin(START)
    timeline = play(trial_scenario(scenario, level.trial), service)
    return timeline.between(int(level.start), int(level.stop))


def apart(wire: Mapping[int, Figures], paper: Mapping[int, Figures]) -> Iterator[str]:
    """Figures on paper more than a tenth beside the range of those on the wire.

    Who is refused at a full line is a matter of microseconds: no seed has to match itself alone.
    """
    for name in NAMES:
        runs = [getattr(figures, name) for figures in wire.values()]
        low, high = (1 - WITHIN) * min(runs), (1 + WITHIN) * max(runs)
        for seed, figures in paper.items():
            made = getattr(figures, name)
            if not low <= made <= high:
                yield f"{name} of seed {seed}: {made:.4g}, not {low:.4g} to {high:.4g}"


def apart_on_average(wire: Mapping[int, Figures], paper: Mapping[int, Figures]) -> Iterator[str]:
    """Figures whose mean over the seeds is more than a tenth beside the wire's."""
    for name in NAMES:
        made, told = (fmean(getattr(f, name) for f in of.values()) for of in (paper, wire))
        if abs(made - told) > WITHIN * told:
            yield f"{name}: {made:.4g} on paper, {told:.4g} on the wire"


def papers(name: str, variant: str, seeds: Iterable[int]) -> dict[str, dict[int, Figures]]:
    """The same seeds on paper, against the stack itself and against what a search found of it."""
    model = signature(name, variant)
    own = {seed: on_paper(read(name, variant, seed)) for seed in seeds}
    modeled_ = {seed: on_paper(modeled(read(name, variant, seed), model)) for seed in seeds}
    return {"own_stack": own, "signature": modeled_}


@pytest.mark.prove
@pytest.mark.timeout(2400)
@pytest.mark.parametrize(("name", "variant"), CELLS)
def test_five_seeds_on_the_wire_are_what_was_simulated(
    name: str, variant: str, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as two_at_a_time:
        played = two_at_a_time.map(lambda s: on_the_wire(tmp_path, name, variant, s), SEEDS)
        wire = dict(zip(SEEDS, played, strict=True))
    paper = papers(name, variant, SEEDS)
    keep(name, variant, {"wire": wire, **paper})
    for figures in paper.values():
        assert list(apart(wire, figures)) == []
        assert list(apart_on_average(wire, figures)) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("name", "variant"), CELLS)
def test_what_was_on_the_wire_is_still_simulated_as_it_was(name: str, variant: str) -> None:
    rows = json.loads(COMMITTED.read_text(encoding="utf-8"))[f"{name}-{variant}"]["wire"]
    wire = {int(seed): Figures(**figures) for seed, figures in rows.items()}
    model, first = signature(name, variant), min(wire)
    some = {seed: on_paper(modeled(read(name, variant, seed), model)) for seed in sorted(wire)[:2]}
    assert list(apart(wire, {first: on_paper(read(name, variant, first))})) == []
    assert list(apart_on_average({seed: wire[seed] for seed in some}, some)) == []


def keep(name: str, variant: str, runs: Mapping[str, Mapping[int, Figures]]) -> None:
    """Beside the other cells, if they are there."""
    cell = {
        kind: {str(seed): asdict(figures) for seed, figures in of.items()}
        for kind, of in runs.items()
    }
    record(NAME, {**kept(NAME), f"{name}-{variant}": cell})
