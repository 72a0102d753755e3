"""Flags are read once, the same for both commands, and a bad value gets one line that mends it."""

from argparse import ArgumentParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.audience.trial import Joins, Trial, trial_scenario
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm.options import FLAGS, SCENARIO, Options, arguments


def parse(*line: str) -> dict[str, object]:
    parser = ArgumentParser()
    for flag in (SCENARIO, *FLAGS):
        flag.add_to(parser)
    return vars(parser.parse_args(line))


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("scale", "abc", "--scale: 'abc' is not a ratio; write such as 1/200"),
        ("scale", "1/0", "--scale: '1/0' is not a ratio; write such as 1/200"),
        ("scale", "0", "--scale: '0' is not a ratio; write such as 1/200"),
        ("speed", "fast", "--speed: 'fast' is not a number above 0; write such as 10"),
        ("speed", "-1", "--speed: '-1' is not a number above 0; write such as 10"),
        ("seed", "1.5", "--seed: '1.5' is not a whole number from 0 up; write such as 1"),
        (
            "metrics_port",
            "70000",
            "--metrics-port: '70000' is not a port from 1 to 65535; write such as 9646",
        ),
        (
            "resolve",
            ["cdn.example:127.0.0.1"],
            (
                "--resolve: 'cdn.example:127.0.0.1' is not HOST:PORT:ADDRESS; "
                "write such as cdn.example:443:127.0.0.1"
            ),
        ),
    ],
)
def test_a_bad_value_is_named_with_what_to_write_instead(
    flag: str, value: object, message: str
) -> None:
    with pytest.raises(MatchnightError) as caught:
        Options.of({"scenario": "smoke", flag: value})
    assert str(caught.value) == message
    assert caught.value.status is ExitStatus.USAGE


def test_what_is_not_given_or_left_empty_in_a_form_is_left_to_the_scenario() -> None:
    left_empty: dict[str, object] = {flag.key: "" for flag in FLAGS if flag.metavar}
    assert Options.of({"scenario": "smoke"} | left_empty) == Options(scenario="smoke")


def test_every_flag_reaches_its_option() -> None:
    given_ = parse(
        "--scenario=smoke",
        "--variant=b",
        "--target=http://127.0.0.1:1",
        "--scale=1/200",
        "--speed=2.5",
        "--seed=0",
        "--report-dir=out",
        "--consent=consent.yaml",
        "--resolve=CDN.example:443:127.0.0.2",
        "--resolve=api.example:80:[::1]",
        "--insecure",
        "--request-log",
        "--metrics-port=9000",
    )
    assert Options.of(given_) == Options(
        scenario="smoke",
        variant="b",
        target="http://127.0.0.1:1",
        scale=0.005,
        speed=2.5,
        seed=0,
        report_dir=Path("out"),
        consent=Path("consent.yaml"),
        resolve={"cdn.example:443": "127.0.0.2", "api.example:80": "::1"},
        insecure=True,
        request_log=True,
        metrics_port=9000,
    )


@given(
    scale=st.one_of(st.none(), st.just("1/200"), st.just("15 %")),
    seed=st.one_of(st.none(), st.integers(0, 2**53).map(str)),
    resolve=st.lists(st.sampled_from(["a.example:80:127.0.0.1", "b.example:443:::1"]), max_size=2),
    switches=st.sets(st.sampled_from(["insecure", "request_log"])),
)
def test_the_crowd_is_started_with_exactly_what_was_asked_for(
    scale: str | None, seed: str | None, resolve: list[str], switches: set[str]
) -> None:
    asked = {
        "scenario": "smoke",
        "scale": scale,
        "seed": seed,
        "resolve": resolve or None,
        "insecure": "insecure" in switches,
        "request_log": "request_log" in switches,
    }
    line = ["--scenario=smoke", *arguments(asked)]
    assert Options.of(parse(*line)) == Options.of(asked)


def test_a_missing_scenario_is_said() -> None:
    with pytest.raises(MatchnightError, match="--scenario: missing"):
        Options.of({"scenario": None})


def test_the_trial_a_crowd_is_told_of_is_played_as_a_scenario_of_its_own() -> None:
    trial = Trial(number=3, joins=Joins.RAMP, rate=12.5)
    options = Options.of({"scenario": "psg-juventus", "plays_trial": trial.to_text()})
    _, scenario = options.read_scenario()
    assert options.plays_trial == trial
    assert scenario == trial_scenario(Options(scenario="psg-juventus").read_scenario()[1], trial)


def test_what_is_no_trial_is_said() -> None:
    with pytest.raises(MatchnightError, match=r"--plays-trial: 'fast' is no trial"):
        Options.of({"scenario": "smoke", "plays_trial": "fast"})
