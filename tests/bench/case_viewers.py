"""The viewer workload: everybody asks for a playlist and a 20 kB part, again and again.

Its unit is the viewer equivalent: one request a second, as a viewer of a stream of two-second parts
makes. Here parts last one second, or 0.8, so that a connection counts for two, or 2.5: a process
may have no more than 20,000 on some systems.
"""

from typing import Protocol
from urllib.parse import urlsplit

from case import Bar, Case, Contender, Figures, Place, Results, median, ratio
from knee import knee
from measure import PATTERN, Task
from origin import stream
from turn import compiled, play, run, seconds

OURS, LIMIT, PEER = "matchnight", "C epoll loop", "Locust FastHttpUser"
BESIDE = "matchnight, beside FastHttpUser"
PERIOD, SHORT = 1.0, 0.8  # seconds a part lasts
MOST_CONNECTIONS = 19_000
MOST = 47_500  # viewer equivalents of so many, polled as often as a player does
MOST_AT_ALL = 100_000
LATE = 0.1  # seconds: what the knee allows 99 % of starts to be late
TRIES = 3  # of a load: a slow moment of the machine is no knee
FULL = 0.97  # of a core: with so much used there is nothing to try again
REACHED = 0.98  # of the intended rate


class At(Protocol):
    """Plays so many viewer equivalents, in rounds of `period` seconds, measured for a time."""

    def __call__(
        self, place: Place, url: str, viewers: int, *, period: float, measure: float
    ) -> Figures:
        """One turn."""


def ours(place: Place, url: str, viewers: int, *, period: float, measure: float) -> Figures:
    """Our whole product path."""
    task = _task(place, url, viewers, measure, period=period)
    return {**play(place, "crowd.py", task), "viewers": viewers}


def peer(place: Place, url: str, viewers: int, *, period: float, measure: float) -> Figures:  # noqa: ARG001 - At
    """FastHttpUser: few enough viewers to give each a connection and two seconds a round."""
    task = _task(place, url, viewers, measure, period=PATTERN)
    return play(place, "fast_http.py", task)


def limit(place: Place, url: str, viewers: int, *, period: float, measure: float) -> Figures:
    """The C loop; polls faster still where connections run out, or its knee would stay unknown."""
    period = min(period, MOST_CONNECTIONS * PATTERN / viewers)
    task = _task(place, url, viewers, measure, period=period)
    parts = urlsplit(url)
    path = parts.path.replace("/own.m3u8", "/session/%d/live.m3u8")
    asked = (parts.port, path, task.viewers, task.period, task.ramp, task.settle, measure)
    command = [compiled(place, "viewers"), *map(str, asked), str(place.core)]
    return {**run(place, command, expected=seconds(task)), "viewers": viewers}


def _task(place: Place, url: str, viewers: int, measure: float, *, period: float) -> Task:
    connections = round(viewers * period / PATTERN)
    return Task(
        url=url,
        viewers=connections,
        period=period,
        ramp=max(2.0, connections // 1_200),  # gently: who joins asks for five times as much
        settle=8.0,  # near the knee what the last of them asked for takes its time
        measure=measure,
        core=place.core,
    )


def steadily(at: At, viewers: int) -> Contender:
    """So many viewer equivalents."""
    return lambda place, url: at(place, url, viewers, period=PERIOD, measure=place.seconds)


def to_the_knee(at: At, first: int, most: int = MOST) -> Contender:
    """As many as can be kept on time, looked for from `first`; figures are those at the knee."""

    def search(place: Place, url: str) -> Figures:
        held, broke = dict[int, Figures](), dict[int, Figures]()

        def holds(viewers: int) -> bool:
            for _ in range(TRIES):
                figures = at(place, url, viewers, period=SHORT, measure=min(place.seconds, 4.0))
                if is_on_time(figures, viewers):
                    held[viewers] = figures
                    return True
                if figures["client_core"] > FULL:
                    break
            broke[viewers] = figures
            return False

        found = knee(holds, first=first, most=most)
        if not found:
            raise RuntimeError("not one viewer is served on time")
        beyond = broke[min(broke)] if broke else held[found]
        return {
            **held[found],
            "server_core_beyond": beyond.get("server_core", float("nan")),
            "client_core_beyond": beyond["client_core"],
        }

    return search


def is_on_time(figures: Figures, viewers: int) -> bool:
    """Whether a load is held: starts on time, at the intended rate, without a failure."""
    is_reached = figures["rate"] >= REACHED * viewers
    return is_reached and figures["lag_p99"] <= LATE and not figures["failures"]


def _viewers(results: Results) -> float:
    return median(results, OURS, "viewers")


COLUMNS = (
    "viewers",
    "rate",
    "cpu_per_request",
    "lag_p99",
    "lag_max",
    "gc_pause_max",
    "client_core",
    "server_core",
    "failures",
)
KNEES = {
    OURS: to_the_knee(ours, 30_000),
    LIMIT: to_the_knee(limit, 45_000, MOST_AT_ALL),
    PEER: to_the_knee(peer, 2_000),
}
KNEE_COLUMNS = (*COLUMNS, "client_core_beyond", "server_core_beyond")
BEYOND = (
    " The last two columns are the cores at the lowest load that did not hold: where the server's "
    "is full there, the knee is the server's."
)

CASES = (
    Case(
        name="viewers",
        title="Viewers at a fixed rate",
        about=(
            "A playlist and a 20 kB part each second on a connection of one's own, due evenly "
            "(open loop). Counted: the client's CPU; journeys, buffers, recording and windows as "
            "in any run."
        ),
        origin=stream(part=PERIOD),
        contenders={
            OURS: steadily(ours, 21_000),
            LIMIT: steadily(limit, 21_000),
            BESIDE: steadily(ours, 2_000),
            PEER: steadily(peer, 2_000),
        },
        columns=COLUMNS,
        bars=(
            Bar(
                text="CPU per request",
                figure=lambda results: median(results, OURS, "cpu_per_request"),
                most=26e-6,
                unit="µs",
            ),
            Bar(
                text="at a rate of",
                figure=lambda results: median(results, OURS, "rate"),
                least=20_000,
                unit="/s",
            ),
            Bar(
                text="with a start lag (99th percentile) of",
                figure=lambda results: median(results, OURS, "lag_p99"),
                most=LATE,
                unit="ms",
            ),
        ),
        needs=("nginx", "cc"),
    ),
    Case(
        name="knee",
        title="Viewers a core, start lag p99 at most 100 ms",
        about="As above, with ever more viewers: the most that start on time, without a failure."
        + BEYOND,
        origin=stream(part=SHORT),
        contenders=KNEES,
        columns=KNEE_COLUMNS,
        bars=(
            Bar(text="viewer equivalents on one core", figure=_viewers, least=30_000),
            Bar(
                text="viewers beside FastHttpUser's",
                figure=lambda results: ratio(results, OURS, PEER, "viewers"),
                least=15.0,
            ),
            Bar(
                text="viewers beside the C loop's",
                figure=lambda results: ratio(results, OURS, LIMIT, "viewers"),
                least=0.75,
            ),
        ),
        needs=("nginx", "cc"),
        rounds=2,
    ),
    Case(
        name="knee-own",
        title="The same where every viewer has a playlist and segments of their own",
        about="As with inserted advertisements or signed URLs: nothing can be parsed once for all."
        + BEYOND,
        origin=stream("own.m3u8", part=SHORT),
        contenders={**KNEES, OURS: to_the_knee(ours, 16_000)},
        columns=KNEE_COLUMNS,
        bars=(Bar(text="viewer equivalents on one core", figure=_viewers, least=15_000),),
        needs=("nginx", "cc"),
        rounds=2,
    ),
)
