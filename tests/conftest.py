"""What all tests share: golden files that can be written anew."""

from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[1] / "reports" / "samples"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-samples",
        action="store_true",
        help="write reports/samples anew instead of comparing with it; review the diff",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Holds a text against the committed file of that name in reports/samples."""

    def compare(name: str, made: str) -> None:
        path = SAMPLES / name
        if request.config.getoption("--update-samples"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8")
        assert made == path.read_text(encoding="utf-8"), (
            f"{name} is not what the code makes now; if that is meant: pytest --update-samples"
        )

    return compare
