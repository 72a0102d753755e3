"""The lowest of all bounds holds, and what is largest within it is within every one of them."""

import resource
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.canary import peak
from loadtests.audience.trial import Joins, Trial
from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario
from loadtests.swarm.ceiling import TIMES_PEAK, at_once, ceiling, everybody, largest
from loadtests.swarm.options import Options
from loadtests.swarm.preparation import descriptors_needed, viewers_served
from loadtests.swarm.wishes import Wishes

SCENARIO = read_scenario(find("psg-juventus"))
PSG = Options(scenario="psg-juventus")
TRIAL = Trial(number=1, joins=Joins.STEP, rate=1.0)
ALL = Wishes()
CONSENT = """\
owner: night desk
hosts: [{{name: 127.0.0.1, approval: TEST-1}}]
window: {{from: "2020-01-01T00:00:00+00:00", to: "2099-01-01T00:00:00+00:00"}}
ceilings: {{viewers: {viewers}, joins: {joins}/s, bit_rate: 1 Gbit/s}}
totals: {{bytes: 1 GB, requests: 10, licenses: 10}}
"""


@pytest.fixture(autouse=True)
def _plenty_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    unlimited = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda _: (unlimited, unlimited))


def found(options: Options = PSG, wishes: Wishes = ALL, workers: int = 1) -> tuple[float, str]:
    top = ceiling(SCENARIO, options, wishes, TRIAL, workers=workers)
    return top.rate, top.why


def consented(folder: Path, *, viewers: int, joins: int) -> Options:
    path = folder / "consent.yaml"
    path.write_text(CONSENT.format(viewers=viewers, joins=joins), encoding="utf-8")
    return replace(PSG, target="http://127.0.0.1:1", consent=path)


def test_where_nothing_else_bounds_it_the_busiest_second_does() -> None:
    rate, why = found()
    assert rate == TIMES_PEAK * peak(SCENARIO)
    assert why == "20 times the scenario's busiest second"


def test_the_lower_of_consent_and_wish_holds(tmp_path: Path) -> None:
    options = consented(tmp_path, viewers=100_000, joins=30)
    assert found(options) == (30.0, "the consent's joins")
    assert found(options, Wishes(most=20.0)) == (20.0, "--most")
    assert found(options, Wishes(most=40.0)) == (30.0, "the consent's joins")


def test_viewers_at_once_bound_the_rate_by_how_long_each_is_there(tmp_path: Path) -> None:
    options = consented(tmp_path, viewers=80, joins=1000)
    rate, why = found(options)
    assert why == "the consent's viewers at once"
    assert at_once(SCENARIO, largest(TRIAL, rate)) == 80


def test_accounts_are_enough_for_everybody_of_the_largest_trial(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    rows = "".join(f"viewer-{n:07d},secret\n" for n in range(700))
    path.write_text(f"account,password\n{rows}", encoding="utf-8")
    path.chmod(0o600)
    rate, why = found(replace(PSG, accounts=path))
    assert why == "the accounts"
    assert 690 <= everybody(SCENARIO, largest(TRIAL, rate)) <= 700


def test_open_files_bound_it_unless_somebody_says_how_far_to_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1000, 1000))
    rate, why = found()
    assert why == "this machine's limit of open files"
    viewers = at_once(SCENARIO, largest(TRIAL, rate))
    assert descriptors_needed(viewers, workers=1, embedded=True) <= 1000 + 2
    target = replace(PSG, target="http://127.0.0.1:1")
    assert found(target, workers=4)[0] == pytest.approx(4 * rate, rel=0.01)
    assert found(wishes=Wishes(most=5000.0)) == (5000.0, "--most")


@given(files=st.integers(201, 10**6), workers=st.integers(1, 64), embedded=st.booleans())
def test_so_many_viewers_as_files_allow_need_no_more_of_them(
    files: int,
    workers: int,
    embedded: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    viewers = viewers_served(files, workers=workers, embedded=embedded)
    assert descriptors_needed(viewers, workers=workers, embedded=embedded) <= files
