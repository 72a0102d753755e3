"""One evening with several faults, on the wire and in simulated time: they meet the same people."""

import json
from pathlib import Path

import pytest
from kit import matchnight, summary, write_evening

from loadtests.audience.crowd import share
from loadtests.collect.qoe import ended
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.paper.simulate import simulate
from loadtests.scenario.read import read_scenario
from loadtests.stack.device import Device
from loadtests.stack.faults.whom import Whom
from loadtests.vocabulary import End, Fact, Outcome, Step

pytestmark = pytest.mark.alone

VIEWERS = 40
STACK = """
regions: {north: 50 %, south: 50 %}
viewing: {heartbeat: 1s}
stack:
  stations:
    session: {servers: 4, service_time: 10ms, queue: 100}
    sign_in: {servers: 8, service_time: 20ms, queue: 100}
  faults:
    # one region reaches nothing
    - cut_off: {from: 0m, to: 1h, whom: {share: 0 %, regions: {north: 100 %}}}
    # part of the other gets no playback session
    - dependency: {from: 0m, to: 1h, steps: [session], answer: server_error, whom: {share: 40 %}}
    # everybody who watches signs in again, five seconds after the first came
    - sessions_invalidated: {at: +50s}
"""
WATCHED = frozenset({Step.PLAYLIST, Step.INIT, Step.SEGMENT})
"""How often these are asked for depends on where the stream is when somebody comes."""


def faulty_evening(folder: Path) -> Path:
    """Everybody comes within two seconds of eight, and nobody starts the app again."""
    path = write_evening(folder, viewers=VIEWERS, seconds=8, arriving=0.25, more=STACK)
    text = path.read_text(encoding="utf-8")
    patient = "signs_in: 30 %, human_retry: {times: 0}"
    path.write_text(text.replace("signs_in: 30 %", patient), encoding="utf-8")
    return path


def joined(total: Window) -> dict[str, int]:
    """How requests ended that are no part of watching; heartbeats only if they were refused."""
    return {
        f"{step} {outcome}": tally.count
        for (step, outcome, _), tally in sorted(total.ended.items())
        if step not in WATCHED and (step, outcome) != (Step.HEARTBEAT, Outcome.OK)
    }


def played(folder: Path) -> Window:
    """All windows of a run folder, added up."""
    timeline = Timeline()
    for line in (folder / "windows.jsonl").read_text(encoding="utf-8").splitlines():
        timeline.add(Window.from_json(json.loads(line)))
    return timeline.total


@pytest.mark.timeout(90)
def test_wire_and_paper_meet_the_same_people_with_the_same_faults(tmp_path: Path) -> None:
    path, out = faulty_evening(tmp_path), tmp_path / "run"
    on_paper = simulate(read_scenario(path)).total
    done = matchnight("rehearse", path, "--report-dir", out)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    on_the_wire = played(out)
    assert joined(on_the_wire) == joined(on_paper)
    assert on_the_wire.facts == on_paper.facts
    for end in End:
        assert ended(on_the_wire, end) == ended(on_paper, end)
    assert summary(out)["viewers"]["arrived"] == VIEWERS


def test_on_paper_the_faults_meet_whom_the_draw_says(tmp_path: Path) -> None:
    scenario = read_scenario(faulty_evening(tmp_path))
    total, unserved = simulate(scenario).total, Whom(share=0.4)
    south = [arrival.index for arrival in share(scenario) if arrival.region == "south"]
    spared = [n for n in south if not unserved.includes(Device(n, "", "", frozenset()))]
    counts = joined(total)
    assert ended(total, End.IN_TIME) == len(spared)
    assert counts["session server_error"] == len(south) - len(spared)
    # whoever watched is refused once, fails to refresh, and signs in
    assert counts["heartbeat denied"] == counts["refresh denied"] == len(spared)
    assert total.facts[Fact.SIGNED_IN_AGAIN] == len(spared)
