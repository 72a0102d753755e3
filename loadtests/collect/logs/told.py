"""What a log may say of a request: a closed set, and where logs of all kinds usually say it."""

from collections.abc import Mapping
from enum import StrEnum


class Told(StrEnum):
    """One thing a log says of a request."""

    TIME = "time"  # when it ended, or simply when
    BEGAN = "began"
    CLIENT = "client"  # the address it came from
    FORWARDED = "forwarded"  # X-Forwarded-For
    ACCOUNT = "account"  # account, or else the token's or session's id
    METHOD = "method"
    REQUEST = "request"  # the whole request line
    PATH = "path"  # with or without the query
    QUERY = "query"
    STATUS = "status"
    OUTCOME = "outcome"  # as the application states it: bad_credentials, policy:not_in_plan ...
    CODE = "code"  # of a refusal by policy
    ACTION = "action"  # of the target's own defense
    BYTES = "bytes"
    DURATION = "duration"
    CACHE = "cache"
    ATTEMPT = "attempt"
    REGION = "region"
    STEP = "step"  # one of ours, by name


USUAL: Mapping[Told, tuple[str, ...]] = {
    Told.TIME: (
        "time", "time_iso8601", "msec", "time_local", "@timestamp", "timestamp", "ts", "datetime",
        "date", "end_time", "EdgeEndTimestamp",
    ),
    Told.BEGAN: ("start_time", "EdgeStartTimestamp", "StartUTC", "reqTimeSec"),
    Told.CLIENT: (
        "client", "remote_addr", "client_ip", "clientip", "clientIp", "ClientIP", "ClientHost",
        "cliIP", "c-ip", "request.client_ip", "request.remote_ip", "httpRequest.remoteIp",
        "httpRequest.clientIp", "client.ip", "remote_ip", "remote_host", "host_ip", "ip",
        "downstream_remote_address", "source.ip",
    ),
    Told.FORWARDED: ("http_x_forwarded_for", "x_forwarded_for", "x-forwarded-for", "xff"),
    Told.ACCOUNT: (
        "account", "account_id", "accountId", "user_id", "userId", "customer_id", "uid", "sub",
        "session_id", "username", "cs-username", "remote_user", "user",
    ),
    Told.METHOD: (
        "method", "request_method", "RequestMethod", "ClientRequestMethod", "reqMethod",
        "cs-method", "request.method", "http.method", "httpRequest.requestMethod",
        "httpRequest.httpMethod", "http_method", "verb",
    ),
    Told.REQUEST: ("request", "request_line"),
    Told.PATH: (
        "path", "request_uri", "uri", "RequestPath", "ClientRequestURI", "reqPath", "cs-uri-stem",
        "request.uri", "httpRequest.requestUrl", "httpRequest.uri", "request_path", "url",
        "http.url", "target",
    ),
    Told.QUERY: ("args", "query_string", "cs-uri-query", "queryStr", "httpRequest.args", "query"),
    Told.STATUS: (
        "status", "status_code", "statusCode", "response_code", "responseStatus",
        "DownstreamStatus", "EdgeResponseStatus", "sc-status", "http.status_code",
        "httpRequest.status", "response.status", "response_status", "http_status", "response",
    ),
    Told.OUTCOME: ("outcome", "auth_result", "error_code", "error", "reason"),
    Told.CODE: ("policy_code",),
    Told.ACTION: ("SecurityAction", "WAFAction", "waf_action", "action"),
    Told.BYTES: (
        "bytes", "body_bytes_sent", "bytes_sent", "bytesSent", "response_size",
        "DownstreamContentSize", "EdgeResponseBytes", "sc-bytes", "totalBytes",
        "httpRequest.responseSize", "size",
    ),
    Told.DURATION: (
        "duration", "request_time", "rt", "duration_ms", "request_time_ms", "response_time_ms",
        "latency_ms", "elapsed_ms", "took_ms", "duration_us", "duration_ns", "response_time",
        "latency", "elapsed", "time-taken", "Duration", "turnAroundTimeMSec",
    ),
    Told.CACHE: (
        "cache", "upstream_cache_status", "cache_status", "CacheCacheStatus", "cacheStatus",
        "x_cache", "x-edge-result-type", "httpRequest.cacheHit", "cs", "ucs",
    ),
    Told.ATTEMPT: ("attempt", "attempt_number"),
    Told.REGION: ("region", "EdgeColoCode", "x-edge-location", "pop", "datacenter", "dc"),
    Told.STEP: ("step",),
}  # fmt: skip
"""Names fields usually have, the likelier first; a dot leads into an object.

nginx and Apache variables, Caddy, Envoy, Traefik, HAProxy, IIS and CloudFront (W3C), Cloudflare,
Akamai DataStream, Google and AWS load balancers, and the embedded stack's own log.
"""


class Unit(StrEnum):
    """What a duration is counted in."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"

    @property
    def per_second(self) -> float:
        """How many are a second."""
        return _PER_SECOND[self]


_PER_SECOND = {
    Unit.SECONDS: 1.0,
    Unit.MILLISECONDS: 1e3,
    Unit.MICROSECONDS: 1e6,
    Unit.NANOSECONDS: 1e9,
}
_OF_NAMES = {
    "Duration": Unit.NANOSECONDS,  # Traefik
    "request_time": Unit.SECONDS,  # nginx
    "rt": Unit.SECONDS,
    "turnAroundTimeMSec": Unit.MILLISECONDS,
}


def unit_of(name: str, shown: object) -> Unit:
    """What a field of this name counts in, seen one value of it, where nobody states it.

    By the name's ending; else a whole number is milliseconds (Envoy, IIS, most application logs),
    one with a fraction seconds (nginx, Caddy, CloudFront, the embedded stack). [A]
    """
    if name in _OF_NAMES:
        return _OF_NAMES[name]
    ending = name.rpartition("_")[2].lower()
    if ending in set(Unit):
        return Unit(ending)
    is_whole = isinstance(shown, int) or (isinstance(shown, str) and shown.isdigit())
    return Unit.MILLISECONDS if is_whole else Unit.SECONDS
