"""Stations that slow down and grow, and a limit of requests in progress: wire and paper agree."""

import json
from pathlib import Path

import pytest
from kit import lines, matchnight, write_evening

from loadtests.collect.qoe import ended
from loadtests.collect.requests import response_times, sent
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.paper.simulate import simulate
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import End, Outcome, Step

pytestmark = [pytest.mark.alone, pytest.mark.ci]

VIEWERS = 40
NEARLY = 0.02
"""Seconds by which the wire may be slower, on average: both ends, on two busy cores."""
CHANGING = """
stack:
  cache: {playlists: false}
  stations:
    # the last of the forty takes forty times as long as the first
    session: {servers: 40, service_time: 10ms, queue: 0, leak: {slower: 100 %, every: 1}}
    # as it is, the last would wait for eight seconds; it grows after a second and a half
    entitlement:
      servers: 1
      service_time: 200ms
      queue: 100
      autoscaling: {utilization: 60 %, over: 1s, takes: 1s, to: 8}
"""
LIMITED = """
stack:
  concurrency_limit: 12
  stations:
    license: {servers: 40, service_time: 1m, queue: 0}  # not before the end of the evening
"""


def write_scenario(folder: Path, stack: str) -> Path:
    """Everybody comes within two seconds of eight, and nobody starts the app again."""
    path = write_evening(folder, viewers=VIEWERS, seconds=8, arriving=0.25, more=stack)
    text = path.read_text(encoding="utf-8")
    patient = "signs_in: 30 %, human_retry: {times: 0}"
    path.write_text(text.replace("signs_in: 30 %", patient), encoding="utf-8")
    return path


def on_the_wire(path: Path, folder: Path) -> Window:
    """All windows of the played evening, added up."""
    done = matchnight("rehearse", path, "--report-dir", folder)
    assert done.returncode in {0, 4}, done.stdout[-2000:] + done.stderr
    timeline = Timeline()
    for line in (folder / "windows.jsonl").read_text(encoding="utf-8").splitlines():
        timeline.add(Window.from_json(json.loads(line)))
    return timeline.total


@pytest.mark.timeout(90)
def test_a_leak_autoscaling_and_playlists_of_the_origin_cost_the_same_on_both(
    tmp_path: Path,
) -> None:
    path = write_scenario(tmp_path, CHANGING)
    paper = simulate(read_scenario(path)).total
    wire = on_the_wire(path, tmp_path / "run")
    for step in (Step.SESSION, Step.ENTITLEMENT):
        asked = response_times(paper, step)
        assert asked.count == response_times(wire, step).count == VIEWERS
        assert asked.mean > 0.2  # far from what it would be without
        assert response_times(wire, step).mean == pytest.approx(asked.mean, abs=NEARLY)
    log = lines(tmp_path / "run" / "testbed" / "access.jsonl")
    playlists = [line for line in log if line["step"] == "playlist"]
    assert len(playlists) == sent(wire, Step.PLAYLIST)
    assert {line["cache"] for line in playlists} == {"miss"}


@pytest.mark.timeout(90)
def test_a_limit_of_requests_in_progress_lets_as_many_in_on_both(tmp_path: Path) -> None:
    path = write_scenario(tmp_path, LIMITED)
    paper = simulate(read_scenario(path)).total
    wire = on_the_wire(path, tmp_path / "run")
    for total in (paper, wire):
        refused = sum(
            tally.count
            for (step, outcome, _), tally in total.ended.items()
            if step is Step.LICENSE and outcome is Outcome.OVERLOAD
        )
        assert sent(total, Step.LICENSE) - refused == 12
        assert ended(total, End.IN_TIME) == 0
