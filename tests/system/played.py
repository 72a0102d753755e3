"""A rehearsal on paper, summarized as a run's folder would be."""

from pathlib import Path
from typing import Any

from loadtests.export.archive import Event, Manifest, Run
from loadtests.export.summarize import summarize
from loadtests.paper.simulate import START, simulate
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario


def summary_on_paper(name: str, variant: str | None = None, **wishes: Any) -> dict[str, Any]:  # noqa: ANN401 - those of read_scenario
    """`summary.json` of a shipped scenario, had a perfect tester played it."""
    scenario = read_scenario(find(name), variant=variant, **wishes)
    manifest = Manifest(
        scenario=name, target="http://paper.invalid", embedded=True, created="2026-01-01T00:00:00Z"
    )
    run = Run(
        folder=Path("paper"),
        manifest=manifest,
        scenario=scenario,
        timeline=simulate(scenario),
        events=[
            Event(kind="started", at=START, facts={}),
            Event(kind="stopped", at=START + scenario.duration, facts={"reason": "finished"}),
        ],
        pulses=[],
        damaged=[],
    )
    return summarize(run).to_json()
