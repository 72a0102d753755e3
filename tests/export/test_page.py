import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from made_verdict import RUN, case

from loadtests.export import words
from loadtests.export.archive import Run
from loadtests.export.page import page
from loadtests.export.summarize import summarize

KINDS = ["overloaded", "healthy", "terrible", "killed", "empty"]
LOADING = {"src", "href", "action", "data", "poster", "srcset", "background", "style"}


class _Page(HTMLParser):
    """Tags, attributes and texts of a page; scripts and styles apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        kind = self._open[-1] if self._open else ""
        if kind in self.raw:
            self.raw[kind].append(data)
        elif data.strip():
            self.texts.append(data.strip().replace("\N{NO-BREAK SPACE}", " "))

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def policy(self) -> str:
        (policy,) = [a["content"] for _, a in self.tags if "http-equiv" in a]
        return policy or ""


def _page(run: Run) -> _Page:
    return _Page(page(run, summarize(run)))


@pytest.fixture(params=KINDS, scope="module")
def any_page(request: pytest.FixtureRequest) -> _Page:
    return _page(request.getfixturevalue(request.param))


def test_the_first_line_says_what_was_rehearsed_against_what(overloaded: Run) -> None:
    body = _page(overloaded).texts[1:]  # the first text is the title's
    assert body[0] == (
        "PSG-Juventus, demand above capacity at sign-in, variant a, rehearsed against the embedded "
        "stack with invented capacity: says nothing about the real event."
    )


def test_the_answers_come_in_the_order_they_are_asked(overloaded: Run) -> None:
    said = _page(overloaded).text
    asked = [
        "23.2 % of viewers met a black screen",
        "of the real audience",
        "What failed first sign_in",
        "Is the run valid? Yes",
        "Objectives 2 of 3 objectives missed",
        "The evening",
    ]
    found = [said.find(part) for part in asked]
    assert -1 not in found
    assert found == sorted(found)


def test_nothing_is_loaded_and_nothing_may_be(any_page: _Page) -> None:
    assert any_page.policy.startswith("default-src 'none'; ")
    assert "unsafe" not in any_page.policy
    assert [(t, a) for t, a in any_page.tags if LOADING & a.keys()] == []
    assert [a for _, attrs in any_page.tags for a in attrs if a.startswith("on")] == []


def test_the_policy_admits_exactly_the_script_and_the_style_of_the_page(any_page: _Page) -> None:
    data, script = any_page.raw["script"]
    json.loads(data)
    for directive, text in (("script-src", script), ("style-src", any_page.raw["style"][0])):
        seal = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{seal}'" in any_page.policy


def test_hostile_names_stay_text(overloaded: Run) -> None:
    name = "</script></title><img src=x onerror=alert(1)>\"&'"
    event = replace(overloaded.scenario.event, name=name)
    mark = replace(event.marks[0], label=name)
    scenario = replace(
        overloaded.scenario, title=name, event=replace(event, marks=(mark,)), name=name
    )
    made = _page(replace(overloaded, scenario=scenario))
    assert [tag for tag, _ in made.tags if tag == "img"] == []
    assert name in made.text
    assert json.loads(made.raw["script"][0])["marks"][-1]["label"] == name


def test_every_chart_has_data_a_title_and_words(any_page: _Page) -> None:
    drawn: dict[str, Any] = json.loads(any_page.raw["script"][0])
    charts = [a["data-chart"] for _, a in any_page.tags if "data-chart" in a]
    assert set(charts) <= set(drawn["charts"])
    figures = [tag for tag, a in any_page.tags if tag == "figure" and "chart" in (a["class"] or "")]
    assert len(figures) == len(charts)
    if drawn["grids"]["seconds"]:
        assert set(charts) == set(drawn["charts"])


def test_headings_and_ids_are_sound(any_page: _Page) -> None:
    ids = [a["id"] for _, a in any_page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    labels = [a["aria-labelledby"] for _, a in any_page.tags if "aria-labelledby" in a]
    assert set(labels) <= set(ids)
    assert [tag for tag, _ in any_page.tags].count("h1") == 1


def test_the_tables_hold_every_outcome_of_every_step(terrible: Run) -> None:
    said = _page(terrible).text
    for step, requests in summarize(terrible).requests.by_step.items():
        for outcome, number in requests.outcomes.items():
            assert outcome.replace("_", " ") in said
            assert re.search(rf"\b{step}\b.*\b{number:,}\b", said)


def test_a_run_that_is_not_valid_warns_above_its_figures(terrible: Run) -> None:
    said = _page(terrible).text
    warning = said.index("The run is not valid: do not quote its figures.")
    assert warning < said.index("of viewers met a black screen", said.index("invented"))
    assert "worker 2 ran at 100 % of a core for 41 s" in said


def test_the_small_print_names_black_screens_wire_blind_spots_and_command(
    overloaded: Run,
) -> None:
    blind = replace(overloaded.manifest, blind_spots=["license", "leave"])
    said = _page(replace(overloaded, manifest=blind)).text
    assert "Counted are viewers who: started late, left while waiting, never started." in said
    assert "HTTP/1.1, one request at a time on each connection; 772 connections opened" in said
    assert "the target lacks, or nobody consented to: license, leave." in said
    assert "matchnight rehearse psg-juventus --variant a" in said
    assert "seed 1, 1 worker; matchnight 0.1.0;" in said


def test_two_hours_fit_in_a_megabyte(two_hours: Run) -> None:
    assert len(page(two_hours, summarize(two_hours)).encode()) < 1_000_000


def test_a_figure_that_does_not_exist_is_a_dash(empty: Run) -> None:
    summary = summarize(empty)
    assert summary.black_screens.share is None
    said = _page(empty).text
    assert "Nobody arrived, so nothing is known of black screens" in said
    assert f"lag p99 {words.NONE}, busiest core {words.NONE}" in said


def test_the_chart_library_is_the_one_its_note_names() -> None:
    folder = files("loadtests.export") / "html" / "uplot"
    note = (folder / "README.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", note))
    assert set(named) == {"uPlot.iife.min.js", "uPlot.min.css", "LICENSE"}
    for name, digest in named.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.fixture(scope="module")
def judged(overloaded: Run) -> _Page:
    """The page of a run with a verdict."""
    return _Page(page(overloaded, summarize(overloaded), case(source=RUN, invented=True)))


def test_the_verdict_is_told_with_its_evidence_and_the_commands_that_check_it(
    judged: _Page,
) -> None:
    said = judged.text
    told = [
        "Capacity or malice?",
        "Pattern consistent with hostile traffic: about 20 to 1.",
        "Do Refuse sources of many wrong passwords.",
        "For sign_in was asked too much by others.",
        "matchnight diagnose reports/match --measure failed --step sign_in --between 300 420",
        "Against It began before they came.",
        "Not known Whether a cache answered.",
        "How the verdict formed",
    ]
    places = [said.find(part) for part in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)


def test_a_page_with_a_verdict_asks_for_nothing_either(judged: _Page) -> None:
    asked = [a[name] for _, a in judged.tags for name in LOADING & set(a)]
    assert asked == ["#evidence"]


def test_a_page_without_a_verdict_does_not_speak_of_one(overloaded: Run) -> None:
    assert "Capacity or malice" not in _page(overloaded).text
