import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from made_capacity import knee, searched

from loadtests.audience.trial import Joins
from loadtests.diagnosis.explore import Capacity
from loadtests.export.capacity_page import capacity_page, picture
from loadtests.export.capacity_record import Search

NOTHING = replace(
    searched(), capacity=Capacity(knees={}, levels=(), lowest=None), signature=None, complete=False
)
LOADING = {"src", "action", "data", "poster", "srcset", "background", "style"}


class _Page(HTMLParser):
    """Tags and texts of a page; scripts and styles apart."""

    def __init__(self, search: Search) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(capacity_page(search))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open if tag != self._open else ""

    def handle_data(self, data: str) -> None:
        if self._open in self.raw:
            self.raw[self._open].append(data)
        elif data.strip():
            self.texts.append(data.strip().replace("\N{NO-BREAK SPACE}", " "))

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def drawing(self) -> dict[str, Any]:
        charts: dict[str, Any] = json.loads(self.raw["script"][0])["charts"]
        return charts


@pytest.fixture(scope="module")
def page() -> _Page:
    return _Page(searched())


def test_the_answers_come_in_the_order_they_are_asked(page: _Page) -> None:
    asked = [
        "the capacity of https://stage.example.org.",
        "capacity found",
        "41.2 viewers/s are carried when they come at once",
        "40.5 to 42 viewers/s, 90 % interval",
        "sign_in breaks first (16.5 requests/s); entitlement would be next",
        "Is the search valid? Yes",
        "Load by load",
    ]
    found = [page.text.find(part) for part in asked]
    assert -1 not in found
    assert found == sorted(found)


@pytest.mark.parametrize("search", [searched(), NOTHING])
def test_nothing_is_loaded_and_only_its_own_script_and_style_may_run(search: Search) -> None:
    made = _Page(search)
    (policy,) = [a["content"] or "" for _, a in made.tags if "http-equiv" in a]
    assert policy.startswith("default-src 'none'; ")
    assert [(t, a) for t, a in made.tags if LOADING & a.keys()] == []
    (style,), (_, script) = made.raw["style"], made.raw["script"]
    for directive, text in (("script-src", script), ("style-src", style)):
        seal = hashlib.sha256(text.encode()).digest()
        assert f"{directive} 'sha256-{base64.b64encode(seal).decode()}'" in policy


def test_each_load_leads_to_its_own_report(page: _Page) -> None:
    assert [a["href"] for _, a in page.tags if "href" in a] == ["trials/01-step-10/report.html"]


def test_hostile_names_stay_text() -> None:
    name = "</script></title><img src=x onerror=alert(1)>\"&'"
    made = _Page(replace(searched(), title=name, target=name, why=name, problems=(name,)))
    assert [tag for tag, _ in made.tags if tag == "img"] == []
    assert made.text.count("onerror") >= 4


def test_offered_and_carried_stand_side_by_side_with_the_knee(page: _Page) -> None:
    drawn = page.drawing["carried-step"]
    assert drawn["x"] == [10.0, 20.0, 40.0, 42.0, 55.0, 80.0]
    asked, held, broke = drawn["series"]
    assert asked["values"] == drawn["x"]
    assert held["values"] == [10, 20, 40, None, None, None]
    assert broke["values"] == [None, None, None, 41.25, 41.25, 41.25]
    back, found = drawn["marks"]
    assert (back["label"], back["at"]) == ("comes back", 33.0)
    assert (found["from"], found["at"], found["to"]) == (40.5, 41.25, 42.0)


def test_the_first_step_is_drawn_by_its_response_time(page: _Page) -> None:
    drawn = page.drawing["times-step"]
    assert [series["values"] for series in drawn["series"]] == [
        [0.2, 0.2, 0.2, None, None],
        [None, None, None, 0.8, 0.8],
    ]
    assert "Response time of sign_in, when they come at once" in page.text


def test_a_knee_that_was_never_reached_has_no_mark(page: _Page) -> None:
    assert page.drawing["carried-surge"]["marks"] == []
    assert page.drawing["times-surge"]["marks"] == []


@pytest.mark.parametrize("search", [searched(), NOTHING])
def test_every_chart_has_data_and_headings_are_sound(search: Search) -> None:
    made = _Page(search)
    charts = [a["data-chart"] for _, a in made.tags if "data-chart" in a]
    assert charts == [*made.drawing]
    ids = [a["id"] for _, a in made.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for _, a in made.tags if "aria-labelledby" in a} <= set(ids)
    assert [tag for tag, _ in made.tags].count("h1") == 1


def test_the_tables_hold_steps_loads_reasons_and_the_crowd(page: _Page) -> None:
    assert "sign_in 16.5 (16.2 to 16.8) breaks first 200 ms 1 0.44 800 1.8 s refuses" in page.text
    assert "entitlement at least 80 would be next 50 ms" in page.text
    assert re.search(r"4 step 80 80 41\.2 sign_in 3\.3 800 ms 48\.4 % 1\.01 broke", page.text)
    assert "42 viewers/s, broke: sign_in carried less than it was asked for" in page.text
    assert "on phone 75 %" in page.text


def test_a_search_that_is_not_valid_warns_above_its_figures() -> None:
    made = _Page(replace(searched(), exit_status=4, complete=False, problems=("lag 2 s",)))
    warning = made.text.index("The search is not valid: do not quote its figures.")
    assert warning < made.text.index("41.2 viewers/s are carried")
    assert "Is the search valid? No lag 2 s" in made.text


def test_a_search_that_found_nothing_says_so() -> None:
    made = _Page(NOTHING)
    assert "No capacity was found" in made.text
    assert "The search is not whole" in made.text


def test_the_picture_leaves_room_and_is_open_where_nobody_knows() -> None:
    step, surge = picture(searched())
    assert 0 < step.low < step.value < step.high < 100
    assert step.back is not None
    assert step.back < step.low
    assert (surge.is_open, surge.high, surge.back) == (True, 100.0, None)


def test_a_step_nobody_broke_is_not_called_the_first() -> None:
    only = knee(Joins.SURGE, 20.0, 40.0)
    capacity = Capacity(knees={Joins.SURGE: only}, levels=only.levels, lowest=only.levels[0])
    said = _Page(replace(searched(), capacity=capacity)).text
    assert "What breaks first Nothing broke" in said
    assert "at least 40 viewers/s are carried in a short surge" in said
