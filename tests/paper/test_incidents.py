"""Every incident shows, on paper, the mechanism that made it."""

import pytest
from incidents import problems
from played import summary_on_paper

INCIDENTS = (
    ("netflix-outage", None),
    ("proximus-datacentre", None),
    ("offline-downloads", "a"),
    ("offline-downloads", "b"),
    ("password-sharing", "a"),
    ("password-sharing", "b"),
    ("password-sharing", "before"),
)


@pytest.mark.parametrize(("name", "variant"), INCIDENTS)
def test_an_incident_shows_its_mechanism(name: str, variant: str | None) -> None:
    assert problems(summary_on_paper(name, variant)) == []
