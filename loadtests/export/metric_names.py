"""Every metric matchnight shows Prometheus: its name, what it says, and its labels.

Counters end in `_total` and distributions in `_sum`, `_count` and `_bucket` where they are scraped
(OpenMetrics 1.0); here they are named without. Rules, queries and dashboards go by these names.
Labels are closed sets: `endpoint` is a step, or OTHER; `outcome`, `attempt`, `fact` and `joins` are
members of enumerations; `bound` is low, value or high; `code` is a target's own word for a refusal,
of which `collect.policies` and MOST_CODES keep a few.
"""

from typing import NamedTuple

from loadtests.vocabulary import Step

OTHER = "other"
"""The `endpoint` of requests that are no step of a viewer's."""

MOST_CODES = 10
"""Refusals by policy told apart, by endpoint and code; the rest are `code="other"`."""

LATELY = 60
"""Seconds a gauge of distinct clients, accounts or URLs looks back."""


class Named(NamedTuple):
    """A metric: `what` is its help text."""

    name: str
    what: str
    labels: tuple[str, ...] = ()


# What the target's edge could see, hostile requests included: what rules and queries read.
REQUESTS = Named(
    "matchnight_requests",
    "Requests ended, as the edge saw them.",
    ("endpoint", "outcome", "attempt"),
)
BUSY = Named(
    "matchnight_busy_seconds",
    "Durations of all requests, added up: its rate is the number in flight (Little).",
    ("endpoint",),
)
SERVED = Named(
    "matchnight_request_duration_seconds",
    "Durations of requests that went well.",
    ("endpoint",),
)
REFUSED = Named("matchnight_policy_refusals", "Refused by policy.", ("endpoint", "code"))
CACHE = Named(
    "matchnight_cache_lookups", "Requests the edge's cache could answer.", ("endpoint", "outcome")
)
SETTLED = Named(
    "matchnight_funnel_settled",
    "Successes of which it is known whether a later step was asked for.",
    ("endpoint",),
)
CONTINUED = Named(
    "matchnight_funnel_continued",
    "Settled successes after which a later step was asked for.",
    ("endpoint",),
)
DENIED = Named(
    "matchnight_denials_settled",
    "Wrong credentials of which it is known whether the right ones came later.",
    ("endpoint",),
)
RETURNED = Named(
    "matchnight_denials_returned",
    "Settled denials whose account or client was let in later.",
    ("endpoint",),
)
STARVED = Named(
    "matchnight_starved_requests",
    "Requests a client had not finished in 30 s and more: no answer began.",
    ("endpoint",),
)
SOURCES = Named(
    "matchnight_token_sources",
    "Sources a served request's token was lately seen from.",
)
PROBES = Named("matchnight_probes", "Requests for what only scanners ask for.")
CLIENTS = Named(
    "matchnight_distinct_clients", "Addresses that asked in the last minute.", ("endpoint",)
)
ACCOUNTS = Named(
    "matchnight_distinct_accounts", "Accounts that asked in the last minute.", ("endpoint",)
)
TARGETS = Named("matchnight_distinct_targets", "URLs asked for in the last minute.", ("endpoint",))

# Of a run of ours: its viewers, what they watched, and the tester's own health.
SENT = Named("matchnight_requests_sent", "Requests viewers sent.", ("attempt",))
ANSWERED = Named(
    "matchnight_viewer_requests", "Requests viewers sent that ended, as they saw it.", ("outcome",)
)
RECEIVED = Named("matchnight_received_bytes", "Body bytes viewers received.")
ARRIVALS = Named("matchnight_arrivals", "Viewers who arrived.")
LATE = Named("matchnight_late_arrivals", "Started late by the tester.")
DECIDED = Named("matchnight_viewers_decided", "Viewers by what became of them.", ("outcome",))
STARTING = Named("matchnight_viewers_starting", "Not decided yet.")
WATCHING = Named("matchnight_viewers_watching", "Watching now.")
STARTUP = Named("matchnight_startup_time_seconds", "From arrival to the first frame.")
WATCHED = Named("matchnight_watched_seconds", "Time watched.")
STALLED = Named("matchnight_stalled_seconds", "Time stalled.")
STALLS = Named("matchnight_stalls", "Stalls that began.")
STALLED_VIEWERS = Named("matchnight_stalled_viewers", "Viewers who stalled.")
WATCHED_BYTES = Named("matchnight_watched_bytes", "Bit rate watched x time watched.")
SWITCHES = Named("matchnight_rendition_switches", "Changes of rendition.")
LOST = Named("matchnight_lost_segments", "Gaps in the media sequence.")
LATENCY = Named("matchnight_live_latency_seconds", "Wall clock - program date time on screen.")
AGE = Named(
    "matchnight_playlist_age_seconds", "Wall clock - program date time of the playlist's end."
)
FACTS = Named("matchnight_facts", "What else happened to viewers.", ("fact",))
TESTER_LAG = Named("matchnight_tester_lag_seconds", "Actual start - due.")
TESTER_CPU = Named("matchnight_tester_cpu_ratio", "Of the busiest worker's core.")
TESTER_SOCKETS = Named("matchnight_tester_sockets", "Open sockets.")
IN_FLIGHT = Named("matchnight_requests_in_flight", "Requests of viewers under way.")
CONNECTIONS = Named("matchnight_connections_opened", "Connections opened.")
FULL_HANDSHAKES = Named("matchnight_tls_full_handshakes", "Full TLS handshakes.")
RESUMED_HANDSHAKES = Named("matchnight_tls_resumed_handshakes", "Resumed TLS handshakes.")

# Of a capacity search: what a night is held against.
KNEE_JOINS = Named(
    "matchnight_knee_joins_per_second", "Viewers who may join a second.", ("joins", "bound")
)
KNEE_REQUESTS = Named(
    "matchnight_knee_requests_per_second",
    "Requests a second a step carries.",
    ("endpoint", "bound"),
)
USUAL_DURATION = Named(
    "matchnight_usual_duration_seconds",
    "Mean duration at low load on the day the knee was measured.",
    ("endpoint",),
)
USUAL_DENIED = Named(
    "matchnight_usual_denied_ratio", "Denied sign-ins and refreshes at low load on that day."
)

# Of the embedded stack; `testbed.metrics`, which may know nothing of this package, makes them.
TESTBED = (
    Named("matchnight_testbed_requests", "Requests that are over.", ("endpoint", "outcome")),
    Named("matchnight_testbed_waiting", "Requests in line, by station.", ("station",)),
    Named("matchnight_testbed_lag_seconds", "Worst lateness in the last second."),
    Named("matchnight_testbed_cpu_ratio", "Share of one core in the last second."),
)


def endpoint(step: Step | None) -> str:
    """The value of the label `endpoint`."""
    return OTHER if step is None else step
