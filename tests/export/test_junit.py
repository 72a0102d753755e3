from dataclasses import replace
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, TestCase

from loadtests.export.archive import Run
from loadtests.export.junit import junit
from loadtests.export.summarize import summarize


def _cases(text: str, folder: Path) -> dict[str, TestCase]:
    path = folder / "junit.xml"
    path.write_text(text, encoding="utf-8")
    suites = list(JUnitXml.fromfile(str(path)))
    assert len(suites) == 1
    cases = list(suites[0])
    assert suites[0].tests == len(cases)
    assert suites[0].failures == sum(isinstance(r, Failure) for c in cases for r in c.result)
    assert suites[0].errors == sum(isinstance(r, Error) for c in cases for r in c.result)
    return {case.name: case for case in cases}


def test_a_missed_objective_fails_with_what_was_measured_and_promised(
    overloaded: Run, tmp_path: Path
) -> None:
    cases = _cases(junit(summarize(overloaded)), tmp_path)
    (result,) = cases["black screens around kick-off"].result
    assert isinstance(result, Failure)
    minus = "\N{MINUS SIGN}"
    assert result.message == f"measured 23.2 %; at most 2 % promised ({minus}5:00 to +10:00)"
    assert cases["errors of playlists"].result == []
    assert cases["the run is valid"].result == []


def test_what_could_not_be_measured_is_an_error_not_a_pass(empty: Run, tmp_path: Path) -> None:
    cases = _cases(junit(summarize(empty)), tmp_path)
    assert len(cases) == 4
    assert all(isinstance(result, Error) for case in cases.values() for result in case.result)
    assert all(case.result for case in cases.values())


def test_a_sick_tester_makes_the_run_an_error(terrible: Run, tmp_path: Path) -> None:
    (result,) = _cases(junit(summarize(terrible)), tmp_path)["the run is valid"].result
    assert isinstance(result, Error)
    assert "worker 2 ran at 100 % of a core for 41 s" in result.message


def test_a_run_that_was_killed_is_an_error(killed: Run, tmp_path: Path) -> None:
    (result,) = _cases(junit(summarize(killed)), tmp_path)["the run is valid"].result
    assert isinstance(result, Error)
    assert result.message == "Cut short after 6 min 10 s: killed, or still going"


def test_names_no_xml_can_hold_do_not_break_it(healthy: Run, tmp_path: Path) -> None:
    summary = summarize(healthy)
    named = replace(summary.objectives[0], name='<&"\x00\x1b> & co')
    cases = _cases(junit(replace(summary, objectives=[named])), tmp_path)
    assert '<&"> & co' in cases
