"""Every incident shows, on paper, the mechanism that made it."""

import pytest
from incidents import problems
from played import summary_on_paper

INCIDENTS = (
    ("netflix-outage", None),
    ("proximus-datacentre", None),
    pytest.param("offline-downloads", "a", marks=pytest.mark.ci),
    ("offline-downloads", "b"),
    pytest.param("password-sharing", "a", marks=pytest.mark.ci),
    ("password-sharing", "b"),
    pytest.param("password-sharing", "before", marks=pytest.mark.ci),
)


@pytest.mark.parametrize(("name", "variant"), INCIDENTS)
def test_an_incident_shows_its_mechanism(name: str, variant: str | None) -> None:
    assert problems(summary_on_paper(name, variant)) == []
