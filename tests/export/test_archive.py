import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.collect.health import Pulse
from loadtests.collect.window import Window
from loadtests.errors import ExitStatus, InvalidFile, MatchnightError
from loadtests.export.archive import Archive, Event, Manifest, read_run

SCENARIO = """\
title: a cup final
event: {name: Cup final, kick_off: 2026-05-30 21:00}
audience:
  published: 12_000
  people_per_account: {value: 1, low: 1, high: 1}
  share_on_app: {value: 50 %, low: 50 %, high: 50 %}
scale: 1/10
speed: 10
window: [-5m, +10m]
arrivals:
  - {shape: steady, from: -10m, to: +10m, share: 100 %}
devices:
  tv: {share: 100 %, player: shaka, signs_in: 100 %}
"""
MANIFEST = Manifest(
    scenario="cup-final",
    workers=2,
    target="http://127.0.0.1:8080",
    embedded=True,
    created="2026-11-22T19:30:00+00:00",
    command=["matchnight", "rehearse", "cup-final"],
)


def window(second: int, stalls: int = 1) -> Window:
    return Window(second, workers=1, stalls=stalls, watched=0.1)


def written(folder: Path, seconds: int = 3) -> Path:
    archive = Archive.create(folder, MANIFEST, SCENARIO)
    archive.event("started", 1000.25)
    for second in range(seconds):
        for worker in range(2):
            archive.append(window(second, stalls=10**worker))
    archive.event("stopped", 1003.5, reason="finished")
    archive.close()
    return folder


def pulse(time: float) -> str:
    return json.dumps({"time": time, "lag": 0.01, "cpu": 0.5, "problems": ["log is late"]}) + "\n"


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = read_run(written(tmp_path / "run"))
    assert run.manifest == MANIFEST
    assert (run.scenario.name, run.scenario.speed) == ("cup-final", 10.0)
    assert [w.stalls for w in run.timeline.windows] == [11, 11, 11]
    assert [w.workers for w in run.timeline.windows] == [2, 2, 2]
    assert run.started == 1000.25
    assert run.stopped == Event(kind="stopped", at=1003.5, facts={"reason": "finished"})
    assert (run.pulses, run.damaged) == ([], [])


def test_the_scenario_is_read_with_what_the_command_line_asked_for(tmp_path: Path) -> None:
    asked = Manifest(
        scenario="cup-final", scale=0.05, speed=4.0, seed=9, target="", embedded=False, created=""
    )
    Archive.create(tmp_path / "run", asked, SCENARIO).close()
    scenario = read_run(tmp_path / "run").scenario
    assert (scenario.scale, scenario.speed, scenario.seed) == (0.05, 4.0, 9)


def test_whatever_is_written_is_there_before_anything_is_closed(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "run", MANIFEST, SCENARIO)
    archive.append(window(0))
    archive.event("notice", 1.0, text="hello")
    run = read_run(tmp_path / "run")
    assert run.timeline.total.stalls == 1
    assert run.facts("notice", "text") == ["hello"]
    archive.close()


def of_version_1(folder: Path, workers: Iterable[int]) -> Path:
    """A run as it was written when each line of windows was one worker's."""
    Archive.create(folder, replace(MANIFEST, version=1), SCENARIO).close()
    lines = [json.dumps({"worker": worker} | window(0).to_json()) + "\n" for worker in workers]
    (folder / "windows.jsonl").write_text("".join(lines))
    return folder


def test_a_run_of_version_1_is_read_and_a_window_told_twice_in_it_counts_once(
    tmp_path: Path,
) -> None:
    run = read_run(of_version_1(tmp_path / "run", (0, 1, 0, 1, 1)))
    assert run.manifest.version == 1
    assert run.timeline.total.stalls == 2


def test_windows_of_several_workers_add_up_however_many_came_together(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "run", MANIFEST, SCENARIO)
    for workers in (3, 1):
        archive.append(Window(0, workers=workers, stalls=10 * workers))
    archive.close()
    total = read_run(tmp_path / "run").timeline.total
    assert (total.workers, total.stalls) == (4, 40)


@pytest.mark.parametrize("kept", range(1, 40, 6))
def test_a_torn_last_line_loses_that_line_and_nothing_else(tmp_path: Path, kept: int) -> None:
    folder = written(tmp_path / "run")
    for name in ("windows.jsonl", "events.jsonl"):
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:-1]) + lines[-1][:kept])
    run = read_run(folder)
    assert [w.stalls for w in run.timeline.windows] == [11, 11, 1]
    assert (run.started, run.stopped, run.damaged) == (1000.25, None, [])


def test_a_last_line_that_only_lacks_its_end_of_line_is_whole(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    windows = folder / "windows.jsonl"
    windows.write_bytes(windows.read_bytes()[:-1])
    assert read_run(folder).timeline.total.stalls == 33


def test_damage_anywhere_else_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    windows = folder / "windows.jsonl"
    lines = windows.read_bytes().splitlines(keepends=True)
    lines[1] = b'{"version":1,"sec\n'
    lines[4] = b"null\n"
    windows.write_bytes(b"".join(lines))
    run = read_run(folder)
    assert run.damaged == ["windows.jsonl:2", "windows.jsonl:5"]
    assert [w.stalls for w in run.timeline.windows] == [1, 11, 10]


def test_who_goes_on_after_a_kill_begins_a_line_of_its_own(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    with (folder / "events.jsonl").open("ab") as events:
        events.write(b'{"kind":"noti')
    later = Archive(folder)
    later.event("worker_lost", 1004.0, worker=1)
    later.close()
    run = read_run(folder)
    assert run.facts("worker_lost", "worker") == ["1"]
    assert run.damaged == ["events.jsonl:3"]


def test_who_only_tells_events_does_not_touch_the_windows(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    with (folder / "windows.jsonl").open("ab") as windows:
        windows.write(b'{"ver')
    with Archive(folder) as archive:
        archive.event("notice", 1.0, text="hello")
    assert read_run(folder).damaged == []


def test_only_what_says_what_was_run_is_needed(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    (folder / "windows.jsonl").unlink()
    (folder / "events.jsonl").unlink()
    run = read_run(folder)
    assert (len(run.timeline), run.events, run.started, run.stopped) == (0, [], None, None)


def test_the_health_of_the_testbed_is_read_torn_or_not(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    (folder / "testbed").mkdir()
    (folder / "testbed/health.jsonl").write_text(pulse(1000.0) + pulse(1001.0) + '{"time": 10')
    first, second = read_run(folder).pulses
    assert first == Pulse(time=1000.0, lag=0.01, cpu=0.5, problems=("log is late",))
    assert second.time == 1001.0


@pytest.mark.parametrize("missing", ["run.json", "scenario.yaml"])
def test_a_folder_that_is_no_run_is_said_to_be_none(tmp_path: Path, missing: str) -> None:
    folder = written(tmp_path / "run")
    (folder / missing).unlink()
    with pytest.raises(MatchnightError, match=f"not the folder of a run: no {missing}") as caught:
        read_run(folder)
    assert str(caught.value).startswith(str(folder))
    assert caught.value.status is ExitStatus.USAGE


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 1}', "\x00"])
def test_a_damaged_manifest_is_said_to_be_one(tmp_path: Path, text: str) -> None:
    folder = written(tmp_path / "run")
    (folder / "run.json").write_text(text)
    with pytest.raises(MatchnightError, match=r"run\.json: damaged, or not a run's"):
        read_run(folder)


def test_a_run_of_another_version_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    (folder / "run.json").write_text('{"version": 3}')
    with pytest.raises(MatchnightError, match=r"run\.json: version 3; .* reads versions 1 and 2"):
        read_run(folder)


def test_windows_of_another_version_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    (folder / "windows.jsonl").write_text('{"version":2,"second":0}\n')
    with pytest.raises(MatchnightError, match="window version 2"):
        read_run(folder)


def test_a_scenario_spoiled_since_is_named_by_file_and_line(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    (folder / "scenario.yaml").write_text(SCENARIO.replace("speed: 10", "spede: 10"))
    with pytest.raises(InvalidFile, match=re.escape(f"{folder}/scenario.yaml:8:")):
        read_run(folder)


def test_no_run_is_written_over_another(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    with pytest.raises(MatchnightError, match="holds a run already"):
        Archive.create(folder, MANIFEST, SCENARIO)
    assert read_run(folder).timeline.total.stalls == 33


def test_a_folder_that_cannot_be_made_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MatchnightError, match="cannot be written"):
        Archive.create(tmp_path / "file" / "run", MANIFEST, SCENARIO)


def test_a_full_disk_ends_the_run_with_a_message_not_a_traceback(tmp_path: Path) -> None:
    folder = written(tmp_path / "run")
    (folder / "windows.jsonl").unlink()
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full to stand for a full disk")
    (folder / "windows.jsonl").symlink_to(full)
    with (
        pytest.raises(MatchnightError, match="No space left") as caught,
        Archive(folder) as archive,
    ):
        archive.append(window(0))
    assert caught.value.status is ExitStatus.INVALID_RUN


def test_a_canary_is_read_as_what_was_played_and_its_stack_s_health_where_that_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "testbed").mkdir()
    (tmp_path / "testbed/health.jsonl").write_text(pulse(1001.0))
    Archive.create(tmp_path / "canary", replace(MANIFEST, canary=5.0), SCENARIO).close()
    run = read_run(tmp_path / "canary")
    assert run.scenario.duration == 5.0
    assert [beat.time for beat in run.pulses] == [1001.0]
