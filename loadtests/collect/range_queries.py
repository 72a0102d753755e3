"""Which range queries tell what of a night: a YAML map that whoever runs the target edits.

Each query names what it measures by its place (`requests`, `busy` ...), and how: a counter as it is
scraped, or a rate. Labels `endpoint`, `outcome`, `attempt`, `code`, `region` and `le` are read;
`labels` says what they are called instead.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.binding import Misfit, about, bind
from loadtests.collect.edge.sighting import Said
from loadtests.units import Lasting
from loadtests.vocabulary import Step


class Told(StrEnum):
    """What a query can tell."""

    REQUESTS = "requests"  # by endpoint, outcome, attempt and region
    BUSY = "busy"  # seconds requests took, added up, by endpoint
    DURATION_SUM = "duration_sum"  # the same, of requests that went well
    DURATION_COUNT = "duration_count"
    DURATION_BUCKETS = "duration_buckets"  # of a classic histogram of them, by le
    REFUSALS = "refusals"  # by policy: by endpoint and code
    CACHE = "cache"  # by endpoint and outcome: hit or miss
    SETTLED = "settled"  # successes of which it is known whether a later step was asked for
    CONTINUED = "continued"  # those after which it was
    STARVED = "starved"  # open for more than 30 s without one byte of an answer
    BYTES = "bytes"


class Form(StrEnum):
    """How a query tells it."""

    COUNTER = "counter"  # as scraped: restarts and gaps are seen here
    RATE = "rate"  # a second, over the time before each moment


class Label(StrEnum):
    """The labels that are read."""

    ENDPOINT = "endpoint"
    OUTCOME = "outcome"
    ATTEMPT = "attempt"
    CODE = "code"
    REGION = "region"
    LE = "le"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query."""

    query: str = field(metadata=about("PromQL that gives a series for each endpoint"))
    form: Form = field(default=Form.COUNTER, metadata=about("what its values are"))
    endpoint: str | None = field(
        default=None, metadata=about("the endpoint all of it belongs to, where no label says so")
    )
    outcome: str | None = field(
        default=None, metadata=about("the outcome of all of it, where no label says so")
    )
    labels: Mapping[Label, str] = field(
        default_factory=dict, metadata=about("what labels are called there, if something else")
    )

    def __post_init__(self) -> None:
        if not self.query.strip():
            raise Misfit("is empty; write PromQL", "query")

    def label(self, labels: Mapping[str, str], wanted: Label) -> str:
        """The value of a label; empty if a series has none."""
        fixed = {Label.ENDPOINT: self.endpoint, Label.OUTCOME: self.outcome}.get(wanted)
        return fixed if fixed is not None else labels.get(self.labels.get(wanted, wanted), "")

    def source(self, labels: Mapping[str, str]) -> frozenset[tuple[str, str]]:
        """The labels that say who counted: all that are not read."""
        read = {self.labels.get(label, label) for label in Label} | {"__name__"}
        return frozenset((name, value) for name, value in labels.items() if name not in read)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeQueries:
    """A map of queries."""

    title: str = field(metadata=about("one line: whose metrics these are"))
    step: Lasting = field(
        default=15.0, metadata=about("between two moments that are read: the scrape interval")
    )
    authorization: str | None = field(
        default=None,
        metadata=about(
            "the environment variable that holds the header `Authorization`, such as `Bearer ...`"
        ),
    )
    headers: Mapping[str, str] = field(
        default_factory=dict, metadata=about("sent with each query: of tenants; never secrets")
    )
    endpoints: Mapping[str, Step] = field(
        default_factory=dict,
        metadata=about(
            "steps by values of the label `endpoint`: regular expressions that fit all of it; the "
            "first that fits counts. What fits none is the step of that name, or none"
        ),
    )
    outcomes: Mapping[str, Said] = field(
        default_factory=dict,
        metadata=about(
            "outcomes by values of the label `outcome`, in the same way. What fits none is the "
            "outcome of that name, or an HTTP status (`401`, `5xx`)"
        ),
    )
    queries: Mapping[Told, tuple[Query, ...]] = field(metadata=about("by what they tell"))

    def __post_init__(self) -> None:
        if not self.queries.get(Told.REQUESTS):
            raise Misfit("without requests there is nothing to diagnose; write one", "queries")
        for name in ("endpoints", "outcomes"):
            for pattern in getattr(self, name):
                try:
                    re.compile(pattern)
                except re.error as error:
                    raise Misfit(f"is no regular expression: {error}", name, pattern) from None

    def step_of(self, endpoint: str) -> Step | None:
        """The step an endpoint is; None: it is no step of a viewer's."""
        for pattern, step in self.endpoints.items():
            if re.fullmatch(pattern, endpoint):
                return step
        return Step(endpoint) if endpoint in set(Step) else None

    def said(self, outcome: str) -> tuple[Said, bool] | None:
        """What an outcome is, and whether the application stated it; None: nobody knows."""
        for pattern, said in self.outcomes.items():
            if re.fullmatch(pattern, outcome):
                return said, not _STATUS.fullmatch(outcome)
        if outcome in set(Said):
            return Said(outcome), True
        found = _STATUS.fullmatch(outcome)
        return (of_status(outcome), False) if found else None


_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)")
_BY_STATUS: Mapping[str, Said] = {
    "401": Said.DENIED,
    "403": Said.DENIED,
    "404": Said.NOT_FOUND,
    "408": Said.BROKEN,
    "410": Said.NOT_FOUND,
    "429": Said.OVERLOAD,
    "499": Said.GONE,  # nginx: the client went away; how long it had waited is not told
    "503": Said.OVERLOAD,
}


def of_status(status: str) -> Said:
    """The outcome an HTTP status, or a class of them such as `5xx`, stands for (RFC 9110, 15)."""
    by_class = {"4": Said.CLIENT_ERROR, "5": Said.SERVER_ERROR}
    return _BY_STATUS.get(status) or by_class.get(status[0], Said.OK)


def parse_queries(text: str, *, file: str) -> RangeQueries:
    """The map a text describes; InvalidFile has every problem of it."""
    return bind(text, file=file, into=RangeQueries)
