"""The small print of the page: what was counted how, what the wire is, what nobody looked at."""

import shlex

from loadtests.collect.timeline import Timeline
from loadtests.export import words
from loadtests.export.archive import Run
from loadtests.export.ends import ENDS
from loadtests.export.summary import Summary
from loadtests.scenario.model import Scenario

Note = tuple[str, list[str]]
"""A term and what is said of it."""


RESPONSE_TIME = (
    "From when the viewer's device wanted to send the request to the last byte of its answer; "
    "requests the viewer gave up are left out. A late tester or a frozen target cannot hide in it."
)
BROWSERS = (
    "A browser speaks HTTP/2 or HTTP/3 over fewer connections: compare requests and viewers with "
    "it, never connections or handshakes."
)

SIMULATED = (
    "No traffic was sent. Every viewer's journey was played in simulated time, against arithmetic "
    "that decides each answer as the embedded stack does on the wire. The network takes no time, "
    "connections are there before they are needed, and bodies come at once: a picture that freezes "
    "does so for a late answer, never for want of bandwidth."
)
OF_THE_WHOLE = (
    "A part of the audience meets the same part of the target. The share's interval is that of "
    "chance: in 19 of 20 cases it holds what the whole of both would give."
)


def notes(run: Run, summary: Summary) -> list[Note]:
    """All of it, in the order a doubting reader asks."""
    return [
        *([("Simulated", _simulated(summary))] if summary.simulated else []),
        ("Black screens", [_black(run.scenario, summary)]),
        ("Response time", [RESPONSE_TIME]),
        ("Watching", [_watching(summary)]),
        *([] if summary.simulated else [("The wire", _wire(run.timeline, summary))]),
        ("Blind spots", [_blind(summary)]),
        *([("Noticed", summary.notices)] if summary.notices else []),
        *([("Left behind", [_left_behind(summary)])] if summary.left_behind else []),
        ("Size and pace", [_pace(run.scenario)]),
        ("How it was run", _how(run, summary)),
    ]


def _simulated(summary: Summary) -> list[str]:
    return [SIMULATED, OF_THE_WHOLE] if words.whole(summary) else [SIMULATED]


def _black(scenario: Scenario, summary: Summary) -> str:
    ends = ", ".join(ENDS[end] for end in summary.black_screens.ends)
    limit = words.duration(scenario.start_limit)
    return f"Counted are viewers who: {ends}. Late means no first frame within {limit} of arriving."


def _watching(summary: Summary) -> str:
    rate = words.NONE
    if summary.bit_rate is not None:
        rate = f"{summary.bit_rate / 1000:,.0f} kbit/s"
    return (
        f"Stalled ratio {words.percent(summary.stalled_ratio.overall)}; "
        f"{words.count(summary.viewers.stalled)} viewers stalled; mean bit rate {rate}; "
        f"{words.count(summary.switches)} changes of rendition."
    )


def _wire(timeline: Timeline, summary: Summary) -> list[str]:
    total, arrived = timeline.total, summary.viewers.arrived
    opened = f"{words.count(total.connections)} connections opened"
    if arrived:
        opened += f", {total.connections / arrived:.2g} a viewer"
    return [
        f"HTTP/1.1, one request at a time on each connection; {opened}.",
        _handshakes("full", [window.handshakes for window in timeline]),
        _handshakes("resumed", [window.resumed for window in timeline]),
        BROWSERS,
    ]


def _handshakes(kind: str, by_second: list[int]) -> str:
    number = sum(by_second)
    if not number:
        return f"No {kind} TLS handshake."
    return (
        f"TLS handshakes, {kind}: {words.count(number)}; {number / len(by_second):,.3g} a second "
        f"on average, {words.count(max(by_second))} in the busiest."
    )


def _blind(summary: Summary) -> str:
    if not summary.blind_spots:
        return "None: the target has every step of a viewer's way."
    steps = ", ".join(summary.blind_spots)
    return f"Nothing is known of steps the target lacks, or nobody consented to: {steps}."


def _left_behind(summary: Summary) -> str:
    return (
        f"{words.count(summary.left_behind)} playback sessions were granted and never closed, "
        "those of viewers who gave up before their first frame included. Whether accounts were "
        "locked, a tester cannot know: ask the target."
    )


def _pace(scenario: Scenario) -> str:
    return (
        f"Played at {words.fraction(scenario.scale)} of the audience and {scenario.speed:g} times "
        "the pace of the evening: only the evening's calendar is compressed, never a device's "
        "timers, a person's patience or the stream. A second of the run is "
        f"{words.duration(scenario.speed)} of the calendar: no moment is told more exactly."
    )


def _how(run: Run, summary: Summary) -> list[str]:
    manifest = run.manifest
    workers = f"{summary.workers} worker{'s' if summary.workers != 1 else ''}"
    parts = [
        f"Scenario {summary.scenario}, seed {summary.seed}, {workers}",
        f"matchnight {manifest.matchnight}",
        f"started {summary.started}, took {words.duration(summary.duration)}",
    ]
    return [shlex.join(manifest.command), "; ".join(parts) + ".", f"Target: {summary.target}"]
