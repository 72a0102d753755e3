import json
from collections.abc import Callable

import pytest

from loadtests.export.junit import junit
from loadtests.export.summarize import summarize
from loadtests.export.text import text

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("kind", ["overloaded", "terrible", "killed"])
def test_the_committed_samples_are_what_these_runs_give(
    kind: str, golden: Golden, request: pytest.FixtureRequest
) -> None:
    summary = summarize(request.getfixturevalue(kind))
    golden(f"synthetic-{kind}/summary.json", json.dumps(summary.to_json(), indent=2) + "\n")
    golden(f"synthetic-{kind}/summary.txt", text(summary))
    golden(f"synthetic-{kind}/junit.xml", junit(summary))
