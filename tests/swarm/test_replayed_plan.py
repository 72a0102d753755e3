"""A worker that replays a series reads neither its disk nor its command line."""

from pathlib import Path

import pytest

from loadtests.audience import crowd
from loadtests.scenario.library import find
from loadtests.scenario.read import load, read_scenario
from loadtests.swarm.messages import Plan
from loadtests.swarm.options import Options
from loadtests.swarm.preparation import Stage, plan
from loadtests.swarm.spoken import read_spoken


def test_every_worker_plays_its_share_of_the_recorded_series(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = find("world-cup-98")
    scenario = read_scenario(path, scale=1 / 10_000)
    stage = Stage(
        path=path,
        scenario=scenario,
        folder=tmp_path / "run",
        target="http://127.0.0.1:9",
        embedded=True,
        spoken=read_spoken(None, None),
    )
    options = Options(scenario="world-cup-98", scale=1 / 10_000)
    told = [
        plan(stage, options, run="r", scenario=load(path), start=0.0, worker=(index, 2)).to_json()
        for index in range(2)
    ]
    monkeypatch.chdir(tmp_path)
    shares = [
        arrival
        for worker, body in enumerate(told)
        # a worker elsewhere has no such folder
        for arrival in crowd.share(
            Plan.from_json(body | {"file": "world-cup-98.yaml"}).read_scenario(), worker, 2
        )
    ]
    assert sorted(a.at for a in shares) == [a.at for a in crowd.share(scenario)]
