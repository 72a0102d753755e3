"""Hostile traffic on the wire: beside the viewers, labeled where only we see it."""

from collections import Counter
from pathlib import Path

import pytest
from kit import lines, matchnight, summary, write_evening

from loadtests.audience import hostile
from loadtests.audience.sources import HOSTILE
from loadtests.collect.edge.sighting import Said
from loadtests.collect.edge.stated import said
from loadtests.export.archive import Run, read_run
from loadtests.scenario.hostile import Pattern
from loadtests.swarm.wire.addresses import source_of
from loadtests.vocabulary import Outcome, Step

Line = dict[str, object]

EVERY_PATTERN = """
stack:
  stations: {}
  client_timeout: 2s
hostile:
  - {pattern: credential_stuffing, from: 0s, lasts: 1m, rate: 9/s, sources: 9, unknown_users: 30 %}
  - {pattern: flood, step: home, from: 0s, lasts: 1m, rate: 10/s, sources: 20}
  - {pattern: cache_busting, from: 0s, lasts: 1m, rate: 10/s, sources: 5}
  - {pattern: slow_request, from: 0s, lasts: 30s, rate: 3/s, sources: 5, holds: 5s}
  - {pattern: slow_read, from: 0s, lasts: 30s, rate: 3/s, sources: 5, holds: 5s}
  - {pattern: token_replay, from: 0s, lasts: 1m, rate: 3/s, sources: 20, holds: 3s}
  - {pattern: license_farming, from: 0s, lasts: 1m, rate: 3/s, sources: 5}
  - {pattern: scanner, from: 0s, lasts: 1m, rate: 3/s, sources: 5}
  - {pattern: imitation, from: 0s, lasts: 1m, rate: 2/s, sources: 20}
"""


def rehearsed(folder: Path, scenario: Path | str, *more: str) -> Run:
    """Played, whether or not a busy machine makes the figures worth quoting."""
    done = matchnight(
        "rehearse", scenario, *more, "--quiet", "--report-dir", folder / "run", timeout=150
    )
    assert done.returncode in {0, 4, 99}, done.stderr
    return read_run(folder / "run")


def logged(run: Run) -> tuple[list[Line], list[Line]]:
    """The testbed's lines of viewers' requests, and of hostile ones, told by their addresses."""
    sources = {source_of(HOSTILE + number) for number in range(1000)}
    log = [line for line in lines(run.folder / "testbed" / "access.jsonl") if line["request_id"]]
    theirs = [line for line in log if line["client"] in sources]
    return [line for line in log if line["client"] not in sources], theirs


@pytest.mark.prove
@pytest.mark.timeout(200)
def test_stuffed_passwords_take_the_sign_in_that_viewers_need(tmp_path: Path) -> None:
    run = rehearsed(tmp_path, "psg-juventus", "--variant", "c", "--speed", "20")
    total, viewers, theirs = run.timeline.total, *logged(run)
    (attack,) = run.scenario.hostile

    # every attempt is there, once as ground truth and once, unlabeled, in the target's own log
    assert {pattern for pattern, _, _ in total.hostile} == {Pattern.CREDENTIAL_STUFFING}
    assert total.hostile.total() == len(theirs) == hostile.size(run.scenario, attack)
    assert {line["step"] for line in theirs} == {Step.SIGN_IN}
    assert len({line["client"] for line in theirs}) == attack.sources

    # no figure of the viewers has it, and they are the ones who suffer
    ended = sum(tally.count for tally in total.ended.values())
    in_flight = summary(run.folder)["requests"]["in_flight_at_end"]
    assert total.sent.total() == ended + in_flight
    assert abs(len(viewers) - total.sent.total()) <= in_flight
    failed = total.ended[Step.SIGN_IN, Outcome.OVERLOAD, False].count
    assert failed > 0.05 * len([line for line in viewers if line["step"] == Step.SIGN_IN])

    # what our samples make of it is what the target's log makes of it
    sign_in = total.edge.steps[Step.SIGN_IN]
    told = Counter(
        of[0]
        for line in (*viewers, *theirs)
        if line["step"] == Step.SIGN_IN and (of := said(str(line["outcome"]), 0.0)) is not None
    )
    for each in (Said.OK, Said.BAD_CREDENTIALS, Said.UNKNOWN_USER, Said.OVERLOAD):
        seen = sum(n for (kind, _), n in sign_in.said.items() if kind is each)
        assert seen == pytest.approx(told[each], abs=in_flight)
    (notice,) = (text for text in summary(run.folder)["notices"] if "Hostile" in text)
    assert notice.startswith("Hostile traffic, credential_stuffing: ")


@pytest.mark.ci
def test_every_pattern_is_played_and_the_target_s_log_shows_it(tmp_path: Path) -> None:
    evening = write_evening(tmp_path, viewers=30, seconds=8, more=EVERY_PATTERN)
    run = rehearsed(tmp_path, evening, "--workers", "2")
    total, _, theirs = run.timeline.total, *logged(run)

    assert {pattern for pattern, _, _ in total.hostile} == set(Pattern)
    assert total.arrived.total() == 30
    outcomes = Counter((line["step"], line["outcome"], line["status"]) for line in theirs)
    denied = total.hostile[Pattern.CREDENTIAL_STUFFING, Step.SIGN_IN, Outcome.DENIED]
    assert denied == sum(
        outcomes[Step.SIGN_IN, word, 401] for word in ("bad_credentials", "unknown_user")
    )
    assert (
        outcomes[None, "not_found", 404]
        == total.hostile[Pattern.SCANNER, Step.WEBSITE, Outcome.NOT_FOUND]
    )
    slow = [line for line in theirs if line["status"] == 408]
    assert {line["step"] for line in slow} == {Step.SIGN_IN, Step.SEGMENT}
    assert {line["bytes"] for line in slow} == {0}
    assert min(float(str(line["duration"])) for line in slow) >= 2.0
    busted = [line for line in theirs if "?x=" in str(line["path"])]
    assert {line["cache"] for line in busted} == {"miss"}


def test_hostile_traffic_goes_nowhere_beyond_this_machine(tmp_path: Path) -> None:
    evening = write_evening(tmp_path, more=EVERY_PATTERN)
    done = matchnight("rehearse", evening, "--target", "http://192.0.2.7", "--quiet")
    assert done.returncode == 3
    assert "192.0.2.7 is not this machine, which hostile traffic stays on" in done.stderr
