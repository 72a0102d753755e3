"""The closed sets a verdict is made of."""

from enum import StrEnum


class Cause(StrEnum):
    """What made viewers fail (Q1)."""

    NOMINAL = "nominal"  # nothing failed, and no surge
    SURGE_ABSORBED = "surge_absorbed"
    DEMAND_ABOVE_KNEE = "demand_above_knee"
    CAPACITY_REGRESSION = "capacity_regression"
    RETRY_STORM = "retry_storm"
    DEPENDENCY_OUTAGE = "dependency_outage"
    POLICY_REJECTION = "policy_rejection"
    DEFENCE_COLLATERAL = "defence_collateral"  # our own WAF or rate limit refuses fans
    MALICE_CAUSED = "malice_caused"
    TESTER_LIMITED = "tester_limited"
    UNDETERMINED = "undetermined"


class Hostile(StrEnum):
    """Which hostile traffic is there (Q2): any of these, at once or none."""

    CREDENTIAL_STUFFING = "credential_stuffing"
    L7_FLOOD = "l7_flood"
    CACHE_BUSTING = "cache_busting"
    SLOW_HTTP = "slow_http"
    TOKEN_REPLAY = "token_replay"  # noqa: S105 - a kind of traffic, no secret
    LICENSE_ABUSE = "license_abuse"
    SCANNER = "scanner"


class Word(StrEnum):
    """How sure a verdict is, in the words people read, by its probability."""

    NEAR_CERTAIN = "near-certain"  # 0.97 and more
    LIKELY = "likely"  # 0.85
    LEANING = "leaning"  # 0.70
    UNDETERMINED = "undetermined"


class Family(StrEnum):
    """Evidence that is not independent: in a family only the largest weight counts."""

    DEMAND = "demand"  # against the knee
    SATURATION = "saturation"  # throughput flat, latency before errors
    ONSET = "onset"  # order of onsets, and how it recovers
    RETRIES = "retries"
    IDENTITY = "identity"  # sources per token, accounts, clients
    AUTH = "auth"  # outcomes of signing in
    FUNNEL = "funnel"
    CACHE = "cache"  # and URLs
    CONNECTIONS = "connections"
    POLICY = "policy"  # codes
    TESTER = "tester"  # our own health
    CONCENTRATION = "concentration"  # weak: shares of sources, calendar, user agent


BEHAVIORAL = frozenset(
    {Family.AUTH, Family.FUNNEL, Family.CACHE, Family.CONNECTIONS, Family.IDENTITY}
)
WEAK = frozenset({Family.CONCENTRATION})
MOST = 13.0
"""Decibans a family can weigh."""
MOST_WEAK = 7.0


class Observable(StrEnum):
    """What a source may or may not say of each request: decides which verdicts it can support."""

    TIME = "time"
    STEP = "step"
    STATUS = "status"
    STATED = "stated"  # the outcome the application states, such as `bad_credentials`
    CLIENT = "client"
    ACCOUNT = "account"
    TARGET = "target"
    BYTES = "bytes"
    DURATION = "duration"
    CACHE = "cache"
    ATTEMPT = "attempt"
    REGION = "region"
    METHOD = "method"


LeftOut = Cause | Hostile | Family
"""What a diagnosis can be made without, to see what hangs on it."""
