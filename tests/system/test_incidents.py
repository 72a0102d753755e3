"""Every incident and every variant, end to end on the wire, in at most three minutes each."""

from pathlib import Path

import pytest
from expect_rehearsal import LONGEST
from incidents import problems
from kit import matchnight, record, summary

INCIDENTS = (
    ("netflix-outage", "none"),
    ("proximus-datacentre", "none"),
    ("offline-downloads", "a"),
    ("offline-downloads", "b"),
    ("password-sharing", "a"),
    ("password-sharing", "b"),
    ("password-sharing", "before"),
)


@pytest.mark.prove
@pytest.mark.timeout(400)
@pytest.mark.parametrize(("name", "variant"), INCIDENTS)
def test_an_incident_is_rehearsed_by_name_and_shows_its_mechanism(
    tmp_path: Path, name: str, variant: str
) -> None:
    folder = tmp_path / name

    line = ("rehearse", name, "--variant", variant, "--quiet", "--report-dir", folder)
    matchnight(*line, timeout=300)

    figures = summary(folder)
    found = problems(figures)
    kept = (
        "duration",
        "exit_status",
        "viewers",
        "tester",
        "testbed",
        "incident",
        "support",
        "facts",
    )
    record(f"incident-{name}-{variant}", {key: figures[key] for key in kept} | {"problems": found})
    assert found == []
    assert figures["duration"] <= LONGEST
