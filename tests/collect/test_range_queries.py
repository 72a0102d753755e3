import pytest

from loadtests.collect.edge.sighting import Said
from loadtests.collect.range_queries import Label, Query, of_status, parse_queries
from loadtests.errors import InvalidFile
from loadtests.vocabulary import Step

LEAST = "title: t\nqueries: {requests: [{query: up}]}\n"


def _problem(text: str) -> str:
    with pytest.raises(InvalidFile) as caught:
        parse_queries(text, file="q.yaml")
    return str(caught.value)


def test_a_map_without_requests_is_refused() -> None:
    assert _problem("title: t\nqueries: {busy: [{query: up}]}\n") == (
        "q.yaml:2:10: queries: without requests there is nothing to diagnose; write one"
    )


def test_every_problem_has_its_place() -> None:
    text = "title: t\nqueries:\n  requests: [{query: ''}]\n  bussy: [{query: up}]\n"
    assert _problem(text).splitlines() == [
        "q.yaml:3:22: queries.requests[0].query: is empty; write PromQL",
        "q.yaml:4:3: queries.bussy: unknown key; did you mean 'busy'?",
    ]


def test_a_pattern_that_is_none_is_refused() -> None:
    assert "endpoints.'(': is no regular expression" in _problem(
        LEAST + "endpoints: {'(': sign_in}\n"
    )


def test_endpoints_are_steps_by_pattern_or_by_name() -> None:
    queries = parse_queries(LEAST + "endpoints: {'/login.*': sign_in}\n", file="q.yaml")
    assert queries.step_of("/login/de") is Step.SIGN_IN
    assert queries.step_of("playlist") is Step.PLAYLIST
    assert queries.step_of("/") is None


def test_outcomes_are_stated_or_statuses() -> None:
    queries = parse_queries(LEAST + "outcomes: {wrong: bad_credentials}\n", file="q.yaml")
    assert queries.said("wrong") == (Said.BAD_CREDENTIALS, True)
    assert queries.said("expired") == (Said.EXPIRED, True)
    assert queries.said("5xx") == (Said.SERVER_ERROR, False)
    assert queries.said("401") == (Said.DENIED, False)
    assert queries.said("what?") is None


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("200", Said.OK),
        ("304", Said.OK),
        ("3xx", Said.OK),
        ("403", Said.DENIED),
        ("404", Said.NOT_FOUND),
        ("418", Said.CLIENT_ERROR),
        ("429", Said.OVERLOAD),
        ("503", Said.OVERLOAD),
        ("502", Said.SERVER_ERROR),
    ],
)
def test_a_status_stands_for_an_outcome(status: str, said: Said) -> None:
    assert of_status(status) is said


def test_labels_have_other_names_and_fixed_values() -> None:
    query = Query(query="x", endpoint="sign_in", labels={Label.OUTCOME: "code"})
    labels = {"code": "200", "endpoint": "other", "instance": "a", "__name__": "x"}
    assert query.label(labels, Label.ENDPOINT) == "sign_in"
    assert query.label(labels, Label.OUTCOME) == "200"
    assert query.label(labels, Label.REGION) == ""
    assert query.source(labels) == {("instance", "a")}
