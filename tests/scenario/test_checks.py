from pathlib import Path

import pytest

from loadtests.errors import InvalidFile
from loadtests.scenario.read import parse_scenario

MATCH = (
    Path(__file__).with_name("match.yaml").read_text(encoding="utf-8").split("default_variant")[0]
)
OBJECTIVE = "{metric: black_screens, at_most: 1 %, between: [-5m, +5m]}"


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        parse_scenario(text, file="m", name="match")
    return caught.value.problems


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "2022-09-06 21:00",
            "2022-09-31 21:00",
            (
                "m:2:32: event.kick_off: '2022-09-31 21:00' is not a date and time; "
                "write such as 2022-09-06 21:00"
            ),
        ),
        (
            "2022-09-06 21:00",
            "2022-09-06",
            (
                "m:2:32: event.kick_off: '2022-09-06' is not a date and time; "
                "write such as 2022-09-06 21:00"
            ),
        ),
        (
            "published: 100_000",
            "published: 0",
            "m:4:14: audience.published: '0' is out of range; write at least 1",
        ),
        (
            "{value: 1, low: 1, high: 2}",
            "{value: 3, low: 1, high: 2}",
            (
                "m:5:23: audience.people_per_account: 1 (low), 3 (value), 2 (high) do not rise; "
                "write low ≤ value ≤ high, all more than 0"
            ),
        ),
        (
            "high: 30 %",
            "high: 130 %",
            "m:6:47: audience.share_on_app.high: more than everybody; write at most 100 %",
        ),
        (
            "scale: 1/10",
            "scale: 2",
            "m:7:8: scale: '2' is out of range; write more than 0 % and at most 100 %",
        ),
        (
            "scale: 1/10",
            "scale: 1/1_000_000",
            "m:7:8: scale: leaves no viewer of the 15000 in the window; write at least 1/15000",
        ),
        ("speed: 5", "speed: 0", "m:8:8: speed: '0' is out of range; write more than 0"),
        (
            "window: [-6m, +6m]",
            "window: [+6m, -6m]",
            "m:9:15: window[1]: -6m is not after +6m, where it begins; write a later time",
        ),
        (
            "from: -30m, to: 0m",
            "from: -30m, to: -1h",
            "m:11:35: arrivals[0].to: -1h is not after -30m, where it begins; write a later time",
        ),
        (
            "share: 60 %",
            "share: 55 %",
            "m:11:3: arrivals: the shares add up to 95 %; write shares that make 100 %",
        ),
        (
            "share: 60 %",
            "share: 70 %",
            "m:11:3: arrivals: the shares add up to 110 %; write shares that make 100 %",
        ),
        (
            "shape: rise",
            "shape: straight",
            ("m:11:5: arrivals[0].rates: `straight` needs two rates; write such as [1, 3]"),
        ),
        (
            "rates: [3, 1]",
            "rates: [0, 0]",
            ("m:12:63: arrivals[1].rates: `straight` needs two rates; write such as [1, 3]"),
        ),
        (
            "shape: straight",
            "shape: fall",
            "m:12:59: arrivals[1].rates: `fall` has its own rates; leave it out",
        ),
        (
            "share: 75 %",
            "share: 70 %",
            "m:14:3: devices: the shares add up to 95 %; write shares that make 100 %",
        ),
        (
            "bit_rate_cap: 200 kbit/s",
            "bit_rate_cap: 20 kbit/s",
            (
                "m:15:69: devices.phone.bit_rate_cap: is below the lowest rendition; "
                "write at least 80 kbit/s"
            ),
        ),
        (
            "at_most: 1 %",
            "at_most: 4s",
            (
                "m:17:38: objectives[0].at_most: `black_screens` is bounded by something else; "
                "write a ratio such as 1 %"
            ),
        ),
        (
            "at_most: 1 %",
            "at_most: 4 kB",
            (
                "m:17:38: objectives[0].at_most: '4 kB' is no bound; "
                "write a ratio such as 1 %, or a duration such as 4s"
            ),
        ),
        (
            OBJECTIVE,
            "{metric: startup_time, quantile: 95 %, at_most: 1 %, between: [-5m, +5m]}",
            (
                "m:17:53: objectives[0].at_most: `startup_time` is bounded by something else; "
                "write a duration such as 4s"
            ),
        ),
        (
            OBJECTIVE,
            "{metric: startup_time, at_most: 1s, between: [-5m, +5m]}",
            "m:17:5: objectives[0].quantile: `startup_time` needs one; write such as 95 %",
        ),
        (
            OBJECTIVE,
            "{metric: response_time, quantile: 50 %, at_most: 1s, between: [-5m, +5m]}",
            "m:17:5: objectives[0].step: `response_time` is of one step; write such as sign_in",
        ),
        (
            "at_most: 1 %",
            "at_most: 1 %, step: sign_in",
            "m:17:49: objectives[0].step: `black_screens` is of viewers, not a step; leave it out",
        ),
        (
            "at_most: 1 %",
            "at_most: 1 %, quantile: 50 %",
            "m:17:53: objectives[0].quantile: `black_screens` has no quantiles; leave it out",
        ),
        (
            "between: [-5m, +5m]",
            "between: [+7m, +9m]",
            (
                "m:17:52: objectives[0].between: nothing of it is played; "
                "write a part of the window, [-6m, +6m]"
            ),
        ),
        (
            "servers: 4, service_time: 20ms, queue: 100}\n    refresh",
            "servers: 0, service_time: 20ms, queue: 100}\n    refresh",
            "m:20:24: stack.stations.sign_in.servers: '0' is out of range; write at least 1",
        ),
        (
            "    refresh:",
            "    refesh:",
            "m:21:5: stack.stations.refesh: unknown key; did you mean 'refresh'?",
        ),
        (
            "stack:\n",
            "viewing: {until: -10m}\nstack:\n",
            "m:18:18: viewing.until: is over before the window begins at -6m; write later",
        ),
        (
            "stack:\n",
            "viewing: {segment_bytes: 1 MB}\nstack:\n",
            "m:18:26: viewing.segment_bytes: the smallest segment has 40 kB; write at most that",
        ),
        (
            "stack:\n",
            "black_screens: [in_time, never_started]\nstack:\n",
            "m:18:16: black_screens: `in_time` is no black screen; leave it out",
        ),
        (
            "stack:\n",
            "black_screens: [refused, refused]\nstack:\n",
            "m:18:16: black_screens: `refused` stands there twice; write it once",
        ),
        (
            "stack:\n",
            "stack:\n  stream: {bit_rates: [200 kbit/s, 80 kbit/s]}\n",
            (
                "m:19:23: stack.stream.bit_rates: renditions are listed once each, lowest first; "
                "write [80 kbit/s, 200 kbit/s]"
            ),
        ),
        (
            "stack:\n",
            "stack:\n  stream: {target_duration: 0}\n",
            "m:19:29: stack.stream.target_duration: '0' is out of range; write at least 1s",
        ),
        (
            "stack:\n",
            "stack:\n  stream: {ad_breaks: {every: 1m}}\n",
            (
                "m:19:31: stack.stream.ad_breaks.every: at speed 1 nothing would be left between "
                "the breaks; write at least 1m8s"
            ),
        ),
        (
            "stack:\n",
            "stack:\n  stream: {ad_breaks: {every: 5m}}\n",
            (
                "m:19:31: stack.stream.ad_breaks.every: at speed 5 nothing would be left between "
                "the breaks; write at least 5m40s"
            ),
        ),
    ],
)
def test_a_contradiction_is_named_where_it_stands(old: str, new: str, problem: str) -> None:
    assert old in MATCH
    assert problems(MATCH.replace(old, new, 1)) == [problem]


def test_nobody_at_all_is_named() -> None:
    text = MATCH.replace(
        MATCH[MATCH.index("arrivals:") : MATCH.index("devices:")], "arrivals: []\n"
    )
    assert problems(text) == [
        "m:10:11: arrivals: nobody comes; write at least one with share: 100 %",
    ]


def test_a_window_between_two_waves_has_nobody_to_play() -> None:
    arrivals = "arrivals:\n  - {shape: wave, from: -30m, to: -10m, share: 50 %}\n"
    arrivals += "  - {shape: wave, from: +10m, to: +30m, share: 50 %}\n"
    text = MATCH.replace(MATCH[MATCH.index("arrivals:") : MATCH.index("devices:")], arrivals)
    assert problems(text) == [
        (
            "m:7:8: scale: leaves no viewer of the 0 in the window; "
            "write a window where somebody arrives"
        )
    ]


def test_shares_of_thirds_may_be_rounded_but_not_forgotten() -> None:
    devices = "".join(f"  d{n}: {{share: 1/3, player: hls_js, signs_in: 0}}\n" for n in range(3))
    text = MATCH[: MATCH.index("  tv:")] + devices + MATCH[MATCH.index("objectives:") :]
    assert len(parse_scenario(text, file="m", name="match").devices) == 3


def test_local_and_overall_contradictions_of_different_records_come_together() -> None:
    text = MATCH.replace("2022-09-06 21:00", "soon").replace("[-6m, +6m]", "[0m, 0m]")
    assert [problem.split(": ")[1] for problem in problems(text)] == ["event.kick_off", "window[1]"]


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        (
            "{from: -2h, to: -1h}",
            "m:9:25: window.to: nobody arrives before -30m; write a later time",
        ),
        ("[+1h, +2h]", "m:9:9: window.from: nobody arrives after +15m; write an earlier time"),
    ],
)
def test_a_window_apart_from_every_arrival_rehearses_nothing(window: str, problem: str) -> None:
    assert problem in problems(MATCH.replace("window: [-6m, +6m]", f"window: {window}"))


def test_a_window_may_go_on_after_the_last_arrival() -> None:
    text = MATCH.replace("window: [-6m, +6m]", "window: [-6m, +20m]")
    assert parse_scenario(text, file="m", name="match").window.stop == 20 * 60
