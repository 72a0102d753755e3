import re
from collections.abc import Callable
from dataclasses import replace

from made_verdict import AFTERWARDS, EPISODE, RUN, TOLD, VERDICT, case

from loadtests.diagnosis.verdict.records import Verdict
from loadtests.export.terminal import WIDTH
from loadtests.export.verdict_text import short_text, verdict_text


def _plain(verdict: Verdict = VERDICT) -> str:
    """The sheet without its line breaks inside sentences."""
    return re.sub(r"\n +(?=[a-z0-9(])", " ", verdict_text(case(verdict)))


def test_the_committed_sample_is_what_this_verdict_gives(
    golden: Callable[[str, str], None],
) -> None:
    golden("synthetic-verdict/verdict.txt", verdict_text(case(source=RUN, invented=True)))


def test_the_answer_comes_first_then_malice_then_what_to_do() -> None:
    first, second, third, fourth = verdict_text(case()).splitlines()[:4]
    assert first == "Pattern consistent with hostile traffic: about 20 to 1."
    assert second.startswith("Hostile traffic: Pattern consistent with credential stuffing")
    assert third == "Hostile traffic: Not excluded either: token replay."
    assert fourth == "Do: Refuse sources of many wrong passwords."


def test_no_line_but_a_command_is_wider_than_a_terminal() -> None:
    lines = verdict_text(case()).splitlines()
    assert all(len(line) <= WIDTH for line in lines if "matchnight diagnose" not in line)


def test_commands_stand_whole_on_a_line_of_their_own() -> None:
    commands = [line for line in verdict_text(case()).splitlines() if "--measure" in line]
    assert len(commands) == len(EPISODE.evidence)
    log = "matchnight diagnose --access-log 'edge 1.log'"
    command = f"{log} --measure failed --step sign_in --between 300 420"
    assert {line.strip() for line in commands} == {command}


def test_evidence_against_and_what_is_not_known_are_printed() -> None:
    text = verdict_text(case())
    order = [text.index(part) for part in ("  For\n", "  Against\n", "  Tells others apart\n")]
    assert order == sorted(order)
    assert "Whether a cache answered" in text


def test_what_is_undetermined_names_the_next_measurement() -> None:
    text = _plain(replace(VERDICT, cause=TOLD, episodes=(AFTERWARDS,)))
    assert text.startswith("Cannot be told: the knee is not known.")
    assert "Measure next: Play a ramp at session." in text


def test_how_the_verdict_formed_is_told_with_its_reasons() -> None:
    text = _plain()
    assert "23:55:30  undetermined: Too few failed." in text
    assert "23:56:00  likely caused by malice, credential stuffing: Attempts fail" in text


def test_what_it_rests_on_names_what_is_missing_and_what_reading_met_with() -> None:
    text = _plain()
    assert "Held against: no measured capacity" in text
    assert "Noted: edge 1.log: 3 lines are no request's" in text
    assert "Sampled: 50 % of the requests were logged" in text


def test_colors_are_for_terminals_only() -> None:
    assert "\033[" not in verdict_text(case())
    assert "\033[31m" in verdict_text(case(), color=True)


def test_the_short_form_is_the_beginning_of_the_long_one() -> None:
    assert verdict_text(case()).startswith(short_text(case()))
