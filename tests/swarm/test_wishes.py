"""The flags of a search are read once, and a bad value gets one line that mends it."""

from argparse import ArgumentParser

import pytest

from loadtests.audience.trial import Joins
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm.wishes import OF_SEARCH, Wishes
from loadtests.vocabulary import Step


def parse(*line: str) -> Wishes:
    parser = ArgumentParser()
    for flag in OF_SEARCH:
        flag.add_to(parser)
    return Wishes.of(vars(parser.parse_args(line)))


def test_every_flag_reaches_its_wish() -> None:
    assert parse(
        "--joins=surge, step,surge",
        "--from=2/s",
        "--most=300",
        "--stay=20s",
        "--knee-only",
        "--build=2026.11.3",
        "--topology=two zones",
        "--replicas=sign_in=4",
        "--replicas=license=2",
    ) == Wishes(
        joins=(Joins.SURGE, Joins.STEP),
        first=2.0,
        most=300.0,
        stay=20.0,
        knee_only=True,
        build="2026.11.3",
        topology="two zones",
        replicas={Step.SIGN_IN: 4, Step.LICENSE: 2},
    )


def test_a_first_load_above_the_most_is_refused() -> None:
    with pytest.raises(MatchnightError, match=r"^--from: more than --most; write at most 10/s$"):
        parse("--from=50/s", "--most=10/s")


def test_without_flags_all_profiles_are_searched_and_the_scenario_decides_the_rest() -> None:
    assert parse() == Wishes()
    assert set(Wishes().joins) == set(Joins)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--joins=stepp", "--joins: no profile 'stepp'; did you mean 'step'?"),
        ("--joins=", "--joins: no profile ''; write one of ramp, step, surge"),
        ("--from=fast", "--from: 'fast' is not a rate; write such as 20/s"),
        ("--most=0/s", "--most: '0/s' is not a rate; write such as 200/s"),
        ("--stay=10", "--stay: '10' is not a duration; write such as 10s"),
        ("--replicas=signin=4", "--replicas: no step 'signin'; did you mean 'sign_in'?"),
        (
            "--replicas=sign_in=few",
            "--replicas: 'few' is not a whole number from 1 up; write such as 2",
        ),
    ],
)
def test_a_bad_value_is_named_with_what_to_write_instead(line: str, said: str) -> None:
    with pytest.raises(MatchnightError) as caught:
        parse(line)
    assert (str(caught.value), caught.value.status) == (said, ExitStatus.USAGE)
