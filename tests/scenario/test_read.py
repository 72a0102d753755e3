from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.errors import ExitStatus, InvalidFile, MatchnightError
from loadtests.scenario.crowd_checks import surges
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import Scenario, Sizing, Span
from loadtests.scenario.read import parse_scenario, read_scenario, variants
from loadtests.vocabulary import Player, Step

FILE = Path(__file__).with_name("match.yaml")
MATCH = FILE.read_text(encoding="utf-8")


def read(
    text: str = MATCH,
    variant: str | None = None,
    scale: float | None = None,
    speed: float | None = None,
) -> Scenario:
    return parse_scenario(
        text, file="match.yaml", name="match", variant=variant, scale=scale, speed=speed
    )


def problems(text: str, scale: float | None = None, speed: float | None = None) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        read(text, scale=scale, speed=speed)
    return caught.value.problems


def test_a_file_is_read_with_its_units_gone_and_its_stem_for_a_name() -> None:
    match = read_scenario(FILE, variant="none")
    assert (match.name, match.title, match.variant) == ("match", "A small match", None)
    assert match.audience.viewers == 15_000
    assert match.window == Span(start=-360.0, stop=360.0)
    assert match.duration == 144.0
    assert surges(match)[1] == Surge(
        shape=Shape.STRAIGHT, start=0.0, stop=900.0, share=0.4, rates=(3.0, 1.0)
    )
    assert match.devices["phone"].player is Player.SHAKA
    assert match.devices["phone"].bit_rate_cap == 25_000.0


def test_the_default_variant_is_played_unless_another_is_asked_for() -> None:
    slow, plain = read(), read(variant="none")
    assert (slow.variant, slow.title) == ("slow", "A small match: sign-in is slow")
    assert slow.stack is not None
    assert plain.stack is not None
    assert slow.stack.stations[Step.SIGN_IN].service_time == 0.2
    assert plain.stack.stations[Step.SIGN_IN].service_time == 0.02


def test_a_variant_changes_what_it_sets_and_nothing_else() -> None:
    slow, plain = read(variant="slow"), read(variant="none")
    assert slow.stack is not None
    assert slow.stack.stations[Step.SIGN_IN].queue == 100
    assert replace(slow, stack=plain.stack, title=plain.title, variant=None) == plain


def test_a_list_in_a_variant_replaces_the_whole_list() -> None:
    assert [surge.shape for surge in surges(read(variant="rush"))] == [Shape.RUSH]


def test_an_unknown_variant_is_answered_with_those_there_are() -> None:
    with pytest.raises(MatchnightError, match="no variant 'slwo'; did you mean 'slow'") as caught:
        read(variant="slwo")
    assert caught.value.status is ExitStatus.USAGE
    with pytest.raises(MatchnightError, match="write one of slow, rush, none"):
        read(variant="zzz")


def test_the_variants_of_a_file_are_listed_with_their_titles() -> None:
    assert variants(FILE) == {"slow": "sign-in is slow", "rush": "all come late"}


def test_wishes_replace_what_the_file_says() -> None:
    match = read_scenario(FILE, scale=0.05, speed=10.0, seed=7)
    assert (match.scale, match.speed, match.seed) == (0.05, 10.0, 7)


@given(
    scale=st.floats(min_value=1e-4, max_value=1.0), speed=st.floats(min_value=1e-3, max_value=1e3)
)
def test_a_wish_arrives_to_the_last_bit(scale: float, speed: float) -> None:
    match = read(scale=scale, speed=speed)
    assert (match.scale, match.speed) == (scale, speed)


def test_a_stack_is_written_for_the_scale_and_speed_of_its_file_unless_it_says_otherwise() -> None:
    assert read(scale=0.05, speed=10.0).stack_sized_for == Sizing(scale=0.1, speed=5.0)
    text = MATCH + "stack_sized_for: {scale: 1/2, speed: 1}\n"
    assert read(text, scale=0.05).stack_sized_for == Sizing(scale=0.5, speed=1.0)


@pytest.mark.parametrize(
    ("scale", "speed", "problem"),
    [
        (0.0, None, "--scale: '0.0' is out of range; write more than 0 % and at most 100 %"),
        (
            1e-9,
            None,
            "--scale: leaves no viewer of the 15000 in the window; write at least 1/15000",
        ),
        (float("nan"), None, "--scale: 'NaN' is not a ratio; write such as 15 %, 0.15 or 1/200"),
        (None, -5.0, "--speed: '-5.0' is out of range; write more than 0"),
    ],
)
def test_a_wish_that_cannot_be_is_named_as_the_option_it_is(
    scale: float | None, speed: float | None, problem: str
) -> None:
    assert problems(MATCH, scale, speed) == [problem]


def test_an_objective_without_a_name_is_called_by_what_it_promises() -> None:
    text = MATCH.replace(
        "  - {metric: black_screens, at_most: 1 %, between: [-5m, +5m]}",
        "  - {metric: black_screens, at_most: 1 %, between: [-5m, +5m]}\n"
        "  - {metric: response_time, step: sign_in, quantile: 99 %,"
        " at_most: 4s, between: [-5m, 0m]}\n"
        "  - {metric: error_ratio, at_most: 0, between: [-5m, 0m], name: no errors}",
    )
    assert [objective.name for objective in read(text).objectives] == [
        "black_screens at most 1 %, -5m to +5m",
        "response_time p99 of sign_in at most 4s, -5m to 0s",
        "no errors",
    ]


def test_a_problem_in_a_variant_is_found_whichever_is_played() -> None:
    text = MATCH.replace("service_time: 200ms", "service_time: 200")
    for variant in ("slow", "rush", "none"):
        with pytest.raises(InvalidFile) as caught:
            read(text, variant=variant)
        assert caught.value.problems == [
            (
                "match.yaml:29:35: variants.slow.set.stack.stations.sign_in.service_time: "
                "'200' is not a duration; write a number and a unit, such as 90s"
            )
        ]


def test_a_problem_all_variants_share_is_reported_once() -> None:
    assert problems(MATCH.replace("speed: 5", "speed: fast")) == [
        "match.yaml:8:8: speed: 'fast' is not a number; write such as 1.5"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "default_variant: slow",
            "default_variant: slo",
            "match.yaml:22:18: default_variant: no variant 'slo'; did you mean 'slow'?",
        ),
        (
            "  rush:",
            "  none:",
            "match.yaml:31:5: variants.none: `none` means the file itself; write another name",
        ),
        (
            "variants:",
            "varients:",
            "match.yaml:23:1: varients: unknown key; did you mean 'variants'?",
        ),
        (
            "title: all come late",
            "text: all come late",
            "match.yaml:31:5: variants.rush.text: unknown key; write one of title, set",
        ),
    ],
)
def test_what_is_wrong_with_the_variants_themselves_is_named(
    old: str, new: str, problem: str
) -> None:
    assert problem in problems(MATCH.replace(old, new))


def test_an_unreadable_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match="cannot be read: Is a directory"):
        read_scenario(tmp_path)
    with pytest.raises(MatchnightError, match="cannot be read: No such file"):
        read_scenario(tmp_path / "missing.yaml")


@contextmanager
def suppress_invalid() -> Iterator[list[str]]:
    found: list[str] = []
    try:
        yield found
    except InvalidFile as invalid:
        found += invalid.problems


LINES = MATCH.splitlines(keepends=True)
TOKENS = [
    "20:30",
    "no",
    "~",
    "-5m",
    "30x",
    "[]",
    "{}",
    "0",
    "*a",
    "&a 1",
    "1 %",
    "é",
    '"',
    "\t",
    ":",
]


@given(data=st.data())
def test_any_damage_to_a_file_is_a_scenario_or_problems(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        words = lines[number].rstrip("\n").split(" ")
        place = data.draw(st.integers(0, len(words) - 1))
        words[place] = data.draw(st.sampled_from(TOKENS) | st.text(max_size=5))
        lines[number] = " ".join(words) + "\n"
    with suppress_invalid() as found:
        assert isinstance(read("".join(lines), variant="none"), Scenario)
    assert all(problem.startswith("match.yaml:") for problem in found)
