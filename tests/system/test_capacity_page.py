"""The page of a capacity search in a real browser: it draws, and asks for nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_capacity import searched
from playwright.sync_api import Browser, sync_playwright

from loadtests.export.capacity_report import write_capacity

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    write_capacity(folder, searched())
    return folder / "capacity.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 375])
def test_every_chart_is_drawn_nothing_is_asked_for_and_nothing_runs_over(
    browser: Browser, page: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    tab, complaints, requests = context.new_page(), list[str](), list[str]()
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(page.as_uri())
    assert tab.evaluate("document.documentElement.dataset.drawn") == "4"
    assert tab.locator(".chart canvas").count() == 4
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert (complaints, requests) == ([], [page.as_uri()])
    context.close()


def test_arrow_keys_go_from_load_to_load(browser: Browser, page: Path) -> None:
    tab = browser.new_page()
    tab.goto(page.as_uri())
    chart = tab.locator("#chart-carried-step")
    chart.focus()
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    values = chart.locator(".u-legend .u-value")
    values.nth(0).filter(has_text="40/s").wait_for()
    assert values.all_inner_texts() == ["40/s", "40", "40", "\N{EN DASH}"]
    tab.close()
