"""What the folder of a trial says of the target, and when it says nothing."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from kit import write_evening

from loadtests.audience.trial import Aim, Joins, Trial, trial_scenario
from loadtests.collect.timeline import Timeline
from loadtests.diagnosis.level import Found
from loadtests.export.archive import Archive, Manifest
from loadtests.paper.simulate import START, play
from loadtests.scenario.read import load, read_scenario
from loadtests.stack.service import Service
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.trials import Ended, Unwell, judge, name

STACK = "stack: {stations: {sign_in: {servers: 1, service_time: 500ms, queue: 5}}}\n"
HELD = Trial(number=1, joins=Joins.STEP, rate=4.0, stay=3.0)  # 1.2 sign-ins a second of 2
BROKE = replace(HELD, number=2, rate=12.0)

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a scenario whose stack signs in two a second."""
    return write_evening(tmp_path_factory.mktemp("evening"), more=STACK)


@lru_cache
def on_paper(evening: Path, trial: Trial) -> Timeline:
    scenario = read_scenario(evening)
    stack = scenario.embedded_stack
    assert stack is not None
    return play(trial_scenario(scenario, trial), Service(stack), start=START, sampled=False)


@pytest.fixture
def played(evening: Path, tmp_path: Path) -> Write:
    """Writes the folder of a trial, played on paper."""
    scenario = read_scenario(evening)

    def write(
        trial: Trial, *, seconds: int | None = None, workers: int = 1, **stopped: str
    ) -> Path:
        manifest = Manifest(
            scenario=scenario.name,
            target="http://127.0.0.1",
            embedded=False,
            workers=workers,
            created="2026-01-01T00:00:00+00:00",
            trial=trial.to_text(),
        )
        folder = tmp_path / "trials" / name(trial)
        with Archive.create(folder, manifest, load(evening)) as archive:
            archive.event("started", 100.0, run="r")
            for window in on_paper(evening, trial).windows[:seconds]:
                archive.append(window)
            archive.event("stopped", 150.0, **{"reason": Reason.DECIDED, **stopped})
        return folder

    return write


@pytest.mark.parametrize(
    ("trial", "called"),
    [
        (Trial(number=3, joins=Joins.STEP, rate=41.2345), "03-step-41.23"),
        (Trial(number=12, joins=Joins.RAMP, rate=64012.0), "12-ramp-64010"),
        (
            Trial(number=13, joins=Joins.STEP, rate=53.6, aim=Aim.OVERLOAD),
            "13-overload-53.6",
        ),
    ],
)
def test_a_trial_is_called_by_its_number_its_profile_and_its_rate(
    trial: Trial, called: str
) -> None:
    assert name(trial) == called


@pytest.mark.parametrize(("trial", "found"), [(HELD, Found.HELD), (BROKE, Found.BROKE)])
def test_the_folder_shows_what_was_seen_while_it_went_on(
    trial: Trial, found: Found, played: Write
) -> None:
    level, summary = judge(trial, played(trial))
    assert (level.trial, level.found) == (trial, found)
    assert (summary.complete, summary.exit_status) == (True, 0)


@pytest.mark.parametrize(
    "reason", [Reason.INTERRUPTED, Reason.WITHDRAWN, Reason.ABORTED, Reason.SILENT]
)
def test_what_stops_a_trial_ends_the_search_and_is_no_load_that_broke(
    reason: Reason, played: Write
) -> None:
    with pytest.raises(Ended) as end:
        judge(BROKE, played(BROKE, reason=reason, text="so it was"))
    assert end.value.cause == (reason, "so it was")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"workers": 2}, r"the tester was the bottleneck: .* lack the figures of a worker"),
        ({"reason": Reason.FAILED, "text": "no worker is left"}, "the run failed: no worker"),
        ({"seconds": 12}, "ended before anything was decided"),
    ],
    ids=["a worker is missing", "failed", "too short"],
)
def test_a_tester_that_is_not_well_says_nothing_of_the_target(
    how: dict[str, Any], said: str, played: Write
) -> None:
    with pytest.raises(Unwell, match=said):
        judge(HELD, played(HELD, **how))
