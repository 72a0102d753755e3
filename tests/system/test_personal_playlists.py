"""A rehearsal whose viewers each have playlists of their own: on the wire as on paper."""

import json
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kit import lines, matchnight, summary, write_evening

from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.paper.simulate import simulate
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Outcome

pytestmark = pytest.mark.alone

VIEWERS, SECONDS = 20, 11
STACK = """
stack:
  stations: {}
  stream:
    target_duration: 1s
    bit_rates: [80 kbit/s]
    signed_urls: {life: 5s}
    ad_breaks: {from: 40s, every: 1h, ads: 2, duration: 2s}  # after four seconds at speed 10
"""


def total(folder: Path) -> Window:
    """All windows of a run folder, added up."""
    timeline = Timeline()
    for line in (folder / "windows.jsonl").read_text(encoding="utf-8").splitlines():
        timeline.add(Window.from_json(json.loads(line)))
    return timeline.total


def smooth(window: Window) -> None:
    """Nobody lost a segment, stalled, or was refused anything."""
    assert (window.lost, window.stalls) == (0, 0)
    outcomes = Counter(outcome for _, outcome, _ in window.ended)
    assert set(outcomes) <= {Outcome.OK, Outcome.CANCELED}


@pytest.mark.timeout(90)
def test_ads_and_signed_urls_play_on_the_wire_as_on_paper(tmp_path: Path) -> None:
    path = write_evening(tmp_path, viewers=VIEWERS, seconds=SECONDS, arriving=0.2, more=STACK)
    smooth(simulate(read_scenario(path)).total)
    out = tmp_path / "run"
    done = matchnight("rehearse", path, "--report-dir", out)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    smooth(total(out))
    assert summary(out)["viewers"]["arrived"] == VIEWERS
    log = [line for line in lines(out / "testbed" / "access.jsonl") if line["step"]]
    assert {line["outcome"] for line in log} <= {"ok", "aborted"}
    viewers = {urlsplit(line["path"]).query.split("&")[0] for line in log if line["step"] == "init"}
    assert len(viewers) == VIEWERS
    ads = Counter(
        urlsplit(line["path"]).query.split("&")[0]
        for line in log
        if line["step"] == "segment" and "/ads/" in line["path"]
    )
    assert len(ads) == VIEWERS
    assert set(ads.values()) == {4}  # the whole break each: two ads of two segments
