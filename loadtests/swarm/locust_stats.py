"""Our windows in Locust's statistics: every request once, on the master, a second at a time."""

import math
from collections import Counter, defaultdict

from locust.stats import RequestStats, StatsEntry, StatsError, bucket_response_time

from loadtests.collect.window import Tally, Window
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

METHOD = "HTTP"
"""Locust files requests by method and name; ours are filed by step alone."""


def merge(stats: RequestStats, window: Window, start: Seconds) -> None:
    """Count what ended in `window`, a second of a run that began at `start`, in Locust's tables.

    Requests the viewer gave up have no response time there; failures are the target's.
    """
    moment = start + window.second
    for step, tallies in _by_step(window).items():
        entry = _entry(stats, step, tallies, moment)
        stats.entries[step.value, METHOD].extend(entry)
        stats.total.extend(entry)
        for outcome, tally in tallies:
            if outcome.is_failure:
                _fail(stats, step, outcome, tally.count, moment)


def _by_step(window: Window) -> dict[Step, list[tuple[Outcome, Tally]]]:
    found: dict[Step, list[tuple[Outcome, Tally]]] = defaultdict(list)
    for (step, outcome, _retry), tally in window.ended.items():
        found[step].append((outcome, tally))
    return found


def _entry(
    stats: RequestStats, step: Step, tallies: list[tuple[Outcome, Tally]], moment: Seconds
) -> StatsEntry:
    """One second of one step as Locust counts: milliseconds, in its own buckets."""
    entry = StatsEntry(stats, step.value, METHOD)
    entry.start_time = moment
    entry.last_request_timestamp = moment + 1
    entry.num_requests = sum(tally.count for _, tally in tallies)
    entry.num_failures = sum(tally.count for outcome, tally in tallies if outcome.is_failure)
    entry.total_content_length = sum(tally.bytes for _, tally in tallies)
    entry.num_reqs_per_sec[int(moment)] = entry.num_requests
    entry.num_fail_per_sec[int(moment)] = entry.num_failures
    for outcome, tally in tallies:
        if outcome is Outcome.CANCELED:
            entry.num_none_requests += tally.count
        else:
            _add_times(entry, tally)
    return entry


def _add_times(entry: StatsEntry, tally: Tally) -> None:
    milliseconds: Counter[int] = Counter()
    for time, count in tally.times:
        milliseconds[bucket_response_time(time * 1000)] += count
    for time, count in milliseconds.items():
        entry.response_times[time] += count
    entry.total_response_time += round(tally.times.total * 1000)
    entry.max_response_time = max(entry.max_response_time, math.ceil(tally.times.max * 1000))
    least = math.floor(tally.times.min * 1000)
    known = entry.min_response_time
    entry.min_response_time = least if known is None else min(least, known)


def _fail(stats: RequestStats, step: Step, outcome: Outcome, count: int, moment: Seconds) -> None:
    key = StatsError.create_key(METHOD, step.value, outcome.value)
    error = stats.errors.setdefault(key, StatsError(METHOD, step.value, outcome.value))
    error.occurrences += count
    error.first_seen = moment if error.first_seen is None else min(moment, error.first_seen)
    error.last_seen = moment if error.last_seen is None else max(moment, error.last_seen)
