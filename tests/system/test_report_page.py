"""The report's page in a real browser: it draws, zooms, obeys the keyboard and asks for nothing."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from loadtests.collect.window import Tally, Window
from loadtests.export.archive import Archive, Manifest
from loadtests.export.report import write_report
from loadtests.scenario.library import find
from loadtests.vocabulary import End, Outcome, Step

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SECONDS = 120
MINUS = "\N{MINUS SIGN}"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def _window(second: int) -> Window:
    window = Window(second, workers=1)
    minute = -6 + second // 12  # the shipped scenario plays five seconds of the evening in one
    window.arrived[minute] = 4
    window.ends[minute, End.IN_TIME] = 3
    window.ends[minute, End.NEVER_STARTED] = 1
    window.lag.add(0.002)
    for step, outcome in ((Step.HOME, Outcome.OK), (Step.SIGN_IN, Outcome.OVERLOAD)):
        window.sent[step, False] = 4
        tally = window.ended[step, outcome, False] = Tally(count=4)
        tally.times.add(0.05, 4)
    return window


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    manifest = Manifest(
        scenario="psg-juventus",
        target="http://127.0.0.1:8080",
        embedded=True,
        created="2026-11-22T19:30:00+00:00",
    )
    archive = Archive.create(folder, manifest, find("psg-juventus").read_text(encoding="utf-8"))
    archive.event("started", 1000.0)
    for second in range(SECONDS):
        archive.append(_window(second))
    archive.event("stopped", 1000.0 + SECONDS, reason="finished")
    archive.close()
    write_report(folder)
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


class Reader:
    """Somebody with the page open, and what the browser had to complain of."""

    def __init__(self, browser: Browser, report: Path, *, width: int, scheme: str) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(report.as_uri())

    def canvases(self) -> int:
        return self.page.locator("canvas").count()

    def ink(self, chart: str) -> int:
        """Pixels of a chart that are not empty."""
        drawn = self.page.evaluate(
            """chart => {
                 const c = document.querySelector(`#chart-${chart} canvas`);
                 const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
                 return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
               }""",
            chart,
        )
        assert isinstance(drawn, int)
        return drawn

    def read(self, chart: str) -> str:
        """What the legend of a chart says of the cursor's place."""
        return self.page.locator(f"#chart-{chart} .u-legend").inner_text()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_is_drawn_without_complaint_network_or_sideways_scrolling(
    browser: Browser, report: Path, width: int, scheme: str
) -> None:
    reader = Reader(browser, report, width=width, scheme=scheme)
    assert reader.complaints == []
    assert reader.requests == [report.as_uri()]
    assert reader.canvases() == reader.page.locator(".chart").count() == 9
    for chart in (
        "joins",
        "viewers",
        "everything",
        "fates",
        "lag",
        "times-home",
        "requests-sign_in",
    ):
        assert reader.ink(chart) > 1000, chart
    assert reader.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_answer_fits_the_first_screen(browser: Browser, report: Path) -> None:
    page = Reader(browser, report, width=1280, scheme="light").page
    for place in (".rehearsed", "h1", ".scaled", ".strip", ".cards"):
        box = page.locator(place).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 800, place


def test_the_cursor_of_one_chart_is_read_in_all(browser: Browser, report: Path) -> None:
    reader = Reader(browser, report, width=1280, scheme="light")
    reader.page.locator("#chart-joins").focus()
    reader.page.keyboard.press("ArrowRight")
    clock, reading = reader.read("joins").split("·")
    assert clock.strip().endswith(
        "20:59:05"
    )  # a sixtieth of what is shown to the right of its middle
    assert re.match(rf"\s*{MINUS}0:55\s*actual\s*4\s*planned", reading)
    for chart in ("viewers", "times-home", "requests-home"):
        assert reader.read(chart).split("·")[0] == clock


def test_the_keyboard_zooms_and_returns(browser: Browser, report: Path) -> None:
    reader = Reader(browser, report, width=1280, scheme="light")
    reader.page.locator("#chart-joins").focus()
    before = reader.ink("lag")
    reader.page.keyboard.press("+")
    reader.page.keyboard.press("+")
    zoomed = reader.ink("lag")
    reader.page.keyboard.press("0")
    assert zoomed != before
    assert reader.ink("lag") == before


def test_on_paper_it_is_light_whatever_the_screen_was(browser: Browser, report: Path) -> None:
    page = Reader(browser, report, width=720, scheme="dark").page
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) != "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    page.wait_for_selector("html.printing", state="attached")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    assert page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--ink')"
    ) == ("#1a1d21")
