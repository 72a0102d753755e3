"""A join wave: 5,000 viewers come within one second, on one core."""

from case import Bar, Case, Contender, Figures, Place, median
from measure import Task
from origin import stream
from turn import play

VIEWERS = 5_000
OURS, PEER = "matchnight", "Locust FastHttpUser"


def wave(script: str) -> Contender:
    """All of them, evenly over a second; three seconds are measured, the first of them joining."""

    def turn(place: Place, url: str) -> Figures:
        task = Task(
            url=url,
            viewers=VIEWERS,
            ramp=1.0,
            settle=0.0,
            measure=3.0,
            core=place.core,
            is_wave=True,
        )
        return play(place, script, task)

    return turn


CASE = Case(
    name="join",
    title="5,000 viewers join in one second",
    about=(
        "Arrivals at an even rate: connect, playlist, first parts. Counted: how late what was due "
        "began, and how many viewers are let in each 10 ms. Deviations are in sigmas of "
        "arrivals that know nothing of each other, 50 ± 7."
    ),
    origin=stream(),
    contenders={OURS: wave("crowd.py"), PEER: wave("fast_http.py")},
    columns=(
        "lag_p99",
        "lag_max",
        "worst_bin",
        "fullest_bin",
        "start_lag_p99",
        "client_core",
        "server_core",
        "failures",
    ),
    bars=(
        Bar(
            text="start lag (99th percentile) in the wave",
            figure=lambda results: median(results, OURS, "lag_p99"),
            most=0.1,
            unit="ms",
        ),
        Bar(
            text="largest deviation of a 10 ms bin from the curve",
            figure=lambda results: median(results, OURS, "worst_bin"),
            most=4.0,
            unit="sigma",
        ),
    ),
)
