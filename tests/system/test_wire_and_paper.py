"""The same evening on the wire and in simulated time says the same of its black screens."""

import json
import os
from pathlib import Path

import pytest
from kit import matchnight, summary

from loadtests.diagnosis.black_screens import black, decided
from loadtests.diagnosis.interval import wilson
from loadtests.paper.simulate import simulate
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario

PAPER_REFERENCE = 1.0  # the speed at which the evening is itself


def interval(*, scale: float, speed: float) -> tuple[float, float]:
    """The 95 % interval of the simulated share."""
    scenario = read_scenario(find("psg-juventus"), variant="a", scale=scale, speed=speed)
    total = simulate(scenario).total
    return wilson(black(total, scenario.black_screens), decided(total))


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("scale", "speed"), [("1/200", 3), ("1/400", 5)])
def test_the_share_on_the_wire_is_the_simulated_one_and_that_of_the_evening_at_its_own_pace(
    scale: str, speed: float, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    line = ("--scale", scale, "--speed", str(speed), "--report-dir", out)
    done = matchnight("rehearse", "psg-juventus", "--variant", "a", *line, timeout=500)
    assert done.returncode == 99, done.stdout[-2000:] + done.stderr
    figures = summary(out)["black_screens"]
    nth = 1 / float(scale.split("/")[1])
    simulated = interval(scale=nth, speed=speed)
    own_pace = interval(scale=nth, speed=PAPER_REFERENCE)
    record(f"{scale.replace('/', '-')}-at-{speed}", figures, simulated, own_pace)
    assert figures["faithful_up_to_speed"] >= speed
    assert simulated[0] <= figures["share"] <= simulated[1]
    assert own_pace[0] <= figures["share"] <= own_pace[1]


def record(cell: str, figures: dict[str, object], *intervals: tuple[float, float]) -> None:
    """Into the evaluation's folder, if there is one."""
    folder = os.environ.get("MATCHNIGHT_EVALUATION")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        simulated, own_pace = intervals
        row = {"share": figures["share"], "simulated": simulated, "at_its_own_pace": own_pace}
        Path(folder, f"wire-{cell}.json").write_text(json.dumps(row, indent=1) + "\n")
