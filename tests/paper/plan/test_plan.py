"""The plan as a whole: audience, several events, prices, what it prints."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from loadtests.cli import main
from loadtests.errors import ExitStatus
from loadtests.paper.plan.estimate import audience, parts
from loadtests.paper.plan.evenings import Background
from loadtests.paper.plan.footprint import Event
from loadtests.paper.plan.generators import BUSY, DESCRIPTORS, generators
from loadtests.paper.plan.plan import Case, Question, plan
from loadtests.paper.plan.plan_json import plan_json
from loadtests.paper.plan.plan_options import question
from loadtests.paper.plan.plan_reference import rewritten
from loadtests.paper.plan.plan_text import plan_text
from loadtests.paper.plan.series import lags, later, repeated
from loadtests.paper.plan.what_if import read_what_ifs
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.scenario.library import find, folder
from loadtests.scenario.model import Estimate, Scenario
from loadtests.scenario.prices import parse_prices, read_prices
from loadtests.scenario.read import read_scenario
from loadtests.vocabulary import Step


@pytest.fixture
def small() -> Scenario:
    return read_scenario(find("smoke"))


def test_a_pert_estimate_has_the_mean_its_inventors_gave_it() -> None:
    told = parts(Estimate(value=0.15, low=0.08, high=0.30))
    assert sum(told) / len(told) == pytest.approx((0.08 + 4 * 0.15 + 0.30) / 6, rel=0.001)
    assert min(told) >= 0.08
    assert max(told) <= 0.30


def test_an_audience_that_is_sure_is_the_same_on_all_evenings(small: Scenario) -> None:
    assert audience(small, 0.5) == audience(small, 0.9) == 3_000


def test_one_evening_in_ten_brings_more_than_p90() -> None:
    scenario = read_scenario(find("psg-juventus"))
    p50, p90 = audience(scenario, 0.5), audience(scenario, 0.9)
    assert p50 == pytest.approx(318_000, rel=0.01)
    assert p90 == pytest.approx(449_000, rel=0.01)


def test_what_repeats_comes_again_after_each_period_from_everybody() -> None:
    come = [1.0, 0.0, 2.0, *[0.0] * 20]
    again = repeated(come, 4.0, [Event(5.0, 1.0)], 1.0)
    once = later(come, lags([Event(5.0 + 4 * n, 1.0) for n in range(6)], 1.0))
    assert again == pytest.approx(once)


def test_two_events_at_once_add_up_and_a_background_stays(small: Scenario) -> None:
    alone = plan(Question(scenario=small, bit_rate=1e6))
    both = plan(
        Question(
            scenario=small,
            also=[(small, 0.0)],
            background=Background(viewers=500, bit_rate=2e6),
            bit_rate=1e6,
        )
    )
    one, two = alone.loads[Case.P50], both.loads[Case.P50]
    assert two.joins.value == pytest.approx(2 * one.joins.value)
    assert two.watching.value == pytest.approx(2 * one.watching.value + 500)
    assert two.sent.value == pytest.approx(2 * one.sent.value + 500 * 2e6)


def test_a_second_event_later_in_the_evening_spreads_the_joins(small: Scenario) -> None:
    at_once = plan(Question(scenario=small, also=[(small, 0.0)])).loads[Case.P50]
    later_on = plan(Question(scenario=small, also=[(small, 3600.0)])).loads[Case.P50]
    assert later_on.joins.value == pytest.approx(at_once.joins.value / 2, rel=0.02)
    assert later_on.viewers == pytest.approx(at_once.viewers)


def test_generators_follow_cpu_and_never_have_more_connections_than_they_may(
    small: Scenario,
) -> None:
    night = plan(Question(scenario=small, bit_rate=5e6 / 8)).nights[Case.P50]
    crowd = replace(
        night, watching=[1e6], requests={Step.SEGMENT: [0.0]}, sent=[0.0], connections=[0.0]
    )
    idle = generators(crowd, own_playlists=False)
    assert (idle.processes, idle.bound_by) == (1e6 / DESCRIPTORS, "connections")
    busy = generators(replace(crowd, sent=[11.9e9 / 8]), own_playlists=False)
    assert busy.cores == pytest.approx(1.0)
    assert generators(
        replace(crowd, watching=[1.0], sent=[10 * 11.9e9 / 8]), own_playlists=False
    ).processes == pytest.approx(10 / BUSY)


def test_what_has_a_price_is_priced_and_nothing_else(small: Scenario) -> None:
    prices = parse_prices("{currency: EUR, license: 2}", file="prices.yaml")
    costs = {part.name: part for part in plan(Question(scenario=small, prices=prices)).costs}
    licenses = costs["license"]
    assert licenses.cost == pytest.approx(2 * licenses.quantity)
    assert licenses.quantity == pytest.approx(300, rel=0.01)
    assert costs["gigabyte"].cost is None


def test_every_figure_of_the_json_has_its_unit(small: Scenario) -> None:
    made = json.loads(json.dumps(plan_json(plan(Question(scenario=small)), minutes=True)))
    bare: list[str] = []

    def look(value: object, path: str) -> None:
        if isinstance(value, dict):
            figures = {key for key, each in value.items() if isinstance(each, int | float)}
            if figures and "unit" not in value:
                bare.append(path)
            for key, each in value.items():
                look(each, f"{path}.{key}")
        elif isinstance(value, list):
            for each in value:
                look(each, path)

    look({key: of for key, of in made.items() if key != "version"}, "")
    assert bare == []
    assert made["night"]["p50"]["steps"]["home"]["unit"] == "1/s"


def test_the_command_answers_first_and_keeps_to_its_width(
    capsys: pytest.CaptureFixture[str],
) -> None:
    prices = folder() / "plans" / "prices.yaml"
    assert main(["plan", "smoke", "--prices", str(prices), "--minutes"]) == ExitStatus.PASSED
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "A small match that goes well (smoke), on paper: nothing was sent."
    assert lines[1].startswith("3,000 viewers come, at most 60.6 joins/s")
    assert max(map(len, lines)) <= 100
    assert any("EUR" in line for line in lines)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--also", "smoke@soon"], "--also: 'smoke@soon' is not an event and when it begins"),
        (["--background", "many"], "--background: 'many' is not a number of viewers"),
        (["--background", "5@fast"], "--background: 'fast' is not a bit rate"),
        (["--bit-rate", "5"], "--bit-rate: '5' is not a bit rate; write such as 5Mbit/s"),
        (["--signature", "nowhere.json"], "nowhere.json"),
        (["--what-if", "waiting_rom=4/s"], "waiting_room"),
    ],
)
def test_bad_input_gets_one_clear_message(
    flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "smoke", *flags]) == ExitStatus.USAGE
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told


def test_the_shipped_files_of_prices_and_what_ifs_are_right() -> None:
    shelf = folder() / "plans"
    assert read_prices(shelf / "prices.yaml").currency == "EUR"
    assert len(read_what_ifs(shelf / "what-ifs.yaml")) == 6


def test_the_committed_reference_is_what_the_model_says() -> None:
    readme = (folder() / "plans" / "README.md").read_text(encoding="utf-8")
    assert rewritten(readme) == readme, "run `python -m loadtests.paper.plan.plan_reference`"


def test_the_flags_of_the_line_become_one_question(small: Scenario, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text("currency: CHF\n", encoding="utf-8")
    given = {
        "also": ["smoke@+30m"],
        "background": "50_000@4Mbit/s",
        "bit_rate": "5 Mbit/s",
        "prices": str(prices),
        "what_if": ["start_jitter=1m"],
    }
    asked = question(given, small)
    assert [(event.name, later) for event, later in asked.also] == [("smoke", 1800.0)]
    assert asked.background == Background(viewers=50_000, bit_rate=500_000.0)
    assert asked.bit_rate == 625_000.0
    assert list(asked.what_ifs) == ["start_jitter=1m"]
    assert asked.prices is not None
    assert asked.prices.currency == "CHF"


def test_a_plan_with_what_ifs_tells_each_beside_the_night_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["plan", "smoke", "--what-if", "pre_warming=50%"]) == ExitStatus.PASSED
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("What if, P50")
    assert [line.split("  ")[1] for line in lines[start + 2 : start + 4]] == [
        "as it is",
        "pre_warming=50%",
    ]


def test_steps_nobody_asks_for_are_not_told(small: Scenario) -> None:
    steps = plan(Question(scenario=small)).loads[Case.P50].steps
    assert Step.SUPPORT not in steps
    assert Step.SEGMENT in steps


def test_a_plan_is_of_viewers_alone_and_says_so_where_others_come_too(small: Scenario) -> None:
    attack = Attack(pattern=Pattern.SCANNER, start=small.window.start, lasts=10.0, rate=1.0)
    attacked = plan(Question(scenario=replace(small, hostile=(attack,))))
    plain = plan(Question(scenario=small))
    assert attacked.loads[Case.P50].steps == plain.loads[Case.P50].steps
    said = "- viewers alone: the scenario's hostile traffic comes on top"
    assert said in plan_text(attacked)
    assert said not in plan_text(plain)
