import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_verdict import (
    AFTERWARDS,
    AGAINST,
    EPISODE,
    FOR,
    LOG,
    OTHERWISE,
    RUN,
    VERDICT,
    case,
    weighed,
)

from loadtests.diagnosis.verdict.kinds import Cause, Family, Hostile, Word
from loadtests.diagnosis.verdict.records import Span
from loadtests.export import verdict_words as said


def test_every_kind_has_a_title_without_an_underscore() -> None:
    assert all("_" not in said.title(kind) for kind in [*Cause, *Hostile])
    assert len({said.title(kind) for kind in [*Cause, *Hostile]}) == len(Cause) + len(Hostile)


def test_a_step_s_name_is_never_given_a_capital() -> None:
    assert said.said("sign_in failed") == "sign_in failed."
    assert said.said("nothing failed.") == "Nothing failed."


def test_what_could_not_be_excluded_is_told_beside_what_was_found() -> None:
    assert said.hostile(VERDICT)[1:] == ["Not excluded either: token replay."]
    blind = replace(VERDICT, hostile=())
    assert said.hostile(blind) == ["Cannot be told from this source: token replay."]


def test_none_is_only_said_where_everything_could_have_been_seen() -> None:
    (sentence,) = said.hostile(replace(VERDICT, hostile=(), hostile_undetermined=()))
    assert sentence.startswith("None was seen")


def test_an_action_is_told_once_however_many_episodes_ask_for_it() -> None:
    twice = replace(VERDICT, episodes=(EPISODE, EPISODE, AFTERWARDS))
    assert said.actions(twice) == ["Refuse sources of many wrong passwords."]


def test_evidence_is_sorted_by_what_it_says_of_the_answer() -> None:
    sides = said.sides(EPISODE)
    assert [*sides.speaks_for] == [FOR]
    assert [*sides.against] == [AGAINST]
    assert [*sides.otherwise] == [OTHERWISE]


def test_evidence_about_the_hostile_pattern_found_speaks_for_it() -> None:
    about = weighed("guessed", {Hostile.CREDENTIAL_STUFFING: 3.0}, family=Family.AUTH)
    sides = said.sides(replace(EPISODE, evidence=(about,)))
    assert [*sides.speaks_for] == [about]


def test_weights_are_told_as_odds_within_the_cap_of_their_family() -> None:
    assert said.pushes(FOR) == "likelier: caused by malice about 10 times"
    assert said.pushes(OTHERWISE) == "less likely: retry storm about 20 times"
    weak = replace(OTHERWISE, family=Family.CONCENTRATION)
    assert said.pushes(weak) == "less likely: retry storm about 5 times"
    assert said.pushes(replace(FOR, weights={Cause.NOMINAL: 0.5})) == ""


@given(st.dictionaries(st.sampled_from([*Cause, *Hostile]), st.floats(-50, 50)))
def test_people_never_read_decibans(weights: dict[Cause | Hostile, float]) -> None:
    told = said.pushes(replace(FOR, weights=weights))
    assert "dB" not in told
    assert all(1 <= int(n) <= 20 for n in re.findall(r"about (\d+) times", told))


@pytest.mark.parametrize(
    ("measure", "number", "told"),
    [
        ("failed", 0.312, "31.2 %"),
        ("attempts", 2.4, "2.4"),
        ("response_time", 0.34, "340 ms"),
        ("requests", 41.26, "41.3/s"),
        ("of another release", 3.0, "3"),
    ],
)
def test_a_value_is_told_in_its_own_unit(measure: str, number: float, told: str) -> None:
    assert said.value(measure, number) == told


def test_figures_come_with_interval_sample_size_and_what_they_are_held_against() -> None:
    assert said.figures(FOR) == ("failed 31.2 % (28 % to 34.6 %), n 1,204; before the onset 0.4 %")
    assert said.figures(replace(FOR, reference=None)).endswith("n 1,204")


def test_moments_of_a_log_are_utc_with_a_date_after_midnight() -> None:
    assert said.moment(LOG, 300.0) == "23:55:00"
    assert said.moment(LOG, 900.0) == "2026-11-23 00:05:00"
    assert said.moment(replace(LOG, started=None), 90.0) == "+1:30"


def test_moments_of_a_rehearsal_are_those_of_its_evening() -> None:
    assert said.span(RUN, Span(start=0.0, stop=300.0)) == "20:50:00 to 21:00:00"


def test_a_consequence_names_its_cause() -> None:
    assert said.heading(case(), 1) == (
        "Episode 2 of 2, a consequence of 1: 23:57:00 to 2026-11-23 00:00:00, all steps in brussels"
    )


def test_what_is_undetermined_has_no_odds() -> None:
    assert said.sure(Word.UNDETERMINED, 0.5) == "undetermined"
    assert said.sure(Word.LIKELY, 0.95) == "likely (about 20 to 1)"


def test_alternatives_below_one_in_a_hundred_are_not_worth_a_word() -> None:
    assert said.considered(EPISODE) == "dependency outage 4.5 %"


def test_what_is_not_known_says_what_it_would_have_told() -> None:
    assert said.unknown(EPISODE.missing[0]) == (
        "Whether a cache answered. It would tell: cache busting, dependency outage."
    )


def test_an_episode_without_a_request_says_so() -> None:
    assert said.hurt(replace(EPISODE, requests=0, failed=0)) == "no request was seen"


def test_a_real_night_is_not_called_invented() -> None:
    assert said.invented(case()) == ""
    assert "says nothing about the real event" in said.invented(case(invented=True)).replace(
        "\n", " "
    )
