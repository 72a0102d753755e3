from pathlib import Path

import pytest

from loadtests.errors import InvalidFile
from loadtests.scenario.hostile import LONGEST, MOST_CONNECTIONS, MOST_REQUESTS, MOST_SOURCES
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario

MATCH = (
    Path(__file__).with_name("match.yaml").read_text(encoding="utf-8").split("default_variant")[0]
)
STUFFING = "pattern: credential_stuffing, from: -1m, lasts: 2m"


def read(*attacks: str, scale: float | None = None) -> Scenario:
    listed = "".join(f"  - {{{attack}}}\n" for attack in attacks)
    return parse_scenario(f"{MATCH}\nhostile:\n{listed}", file="m", name="match", scale=scale)


def problems(*attacks: str, scale: float | None = None) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        read(*attacks, scale=scale)
    return [problem.partition(" hostile")[2] for problem in caught.value.problems]


def test_an_attack_is_read_as_it_is_written() -> None:
    attack = read(f"{STUFFING}, rate: 20/s, sources: 50, unknown_users: 30 %").hostile[0]
    assert (attack.start, attack.stop, attack.rate, attack.sources) == (-60.0, 60.0, 20.0, 50)


@pytest.mark.parametrize(
    ("attack", "problem"),
    [
        (
            "pattern: scanner, from: +1h, lasts: 2m, rate: 1/s",
            "[0].from: nothing of it is played; write a time in the window, [-6m, +6m]",
        ),
        (
            f"{STUFFING}, rate: 2001/s",
            (
                "[0].rate: makes 2001 requests a second of the run, hostile traffic together; "
                "write at most 2000/s"
            ),
        ),
        (
            "pattern: slow_request, from: -1m, lasts: 5m, rate: 100/s, holds: 30s",
            (
                "[0].rate: makes 3000 connections at once of the run, hostile traffic together; "
                "write at most 66.666/s"
            ),
        ),
        (
            f"{STUFFING}, rate: 1/s, step: home",
            "[0].step: `credential_stuffing` is not aimed at `home`; write one of sign_in",
        ),
        ("pattern: flood, from: 0m, lasts: 1m, rate: 1/s", None),
    ],
)
def test_what_is_not_played_or_too_much_is_refused(attack: str, problem: str | None) -> None:
    needs = "[0].step: `flood` needs one; write what is flooded, such as sign_in"
    assert problems(attack) == [problem or needs]


def test_attacks_that_last_at_once_count_together_and_others_do_not() -> None:
    big = f"{STUFFING}, rate: {MOST_REQUESTS * 0.6:.0f}/s"
    assert problems(big, big)[0].startswith("[0].rate: makes 2400 requests a second")
    later = big.replace("-1m", "+1m")
    assert len(read(big, later).hostile) == 2


def test_attacks_together_have_only_so_many_addresses() -> None:
    most = f"{STUFFING}, rate: 1/s, sources: {MOST_SOURCES}"
    assert read(most).hostile
    assert problems(most, f"{STUFFING}, rate: 1/s") == [
        "[1].sources: makes 600001 addresses, all attacks together; write less: 600000 at most"
    ]


def test_another_scale_is_another_rate() -> None:
    quick = f"{STUFFING}, rate: 300/s"
    assert read(quick).hostile
    assert problems(quick, scale=0.7)[0].startswith("[0].rate: makes 2100 requests")


def test_the_bounds_are_numbers_in_code() -> None:
    assert (MOST_REQUESTS, MOST_CONNECTIONS, LONGEST) == (2000.0, 2000, 1800.0)
    assert MOST_SOURCES == 600_000


def test_an_attack_does_not_last_longer_than_half_an_hour_of_the_run() -> None:
    text = MATCH.replace("window: [-6m, +6m]", "window: [-6m, +3h]")
    text += "\nhostile:\n  - {pattern: scanner, from: -1m, lasts: 3h, rate: 1/s}\n"
    with pytest.raises(InvalidFile) as caught:
        parse_scenario(text, file="m", name="match")
    assert caught.value.problems[0].endswith("lasts 36m of the run; write at most 2h30m")
