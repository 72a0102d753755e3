"""The request log: a line per request and per viewer, whatever became of them."""

import json
from math import inf
from pathlib import Path
from typing import Any

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch, Reply, Timeouts
from loadtests.collect.recorder import Recorder
from loadtests.scenario.model import Device
from loadtests.swarm.request_log import REQUESTS, VIEWERS, RequestLog
from loadtests.vocabulary import End, Outcome, Player, Step

FETCH = Fetch(Step.HOME, "http://127.0.0.1:1/home", Timeouts(1, 1, 1), attempt=2)


def arrival(index: int) -> Arrival:
    return Arrival(
        index=index,
        at=2.5,
        offset=2.5,
        device_name="web",
        device=Device(share=1.0, player=Player.HLS_JS, signs_in=0.0),
        signs_in=False,
        patience=inf,
        stay=inf,
        seed=1,
    )


def reply(number: int, outcome: Outcome) -> Reply:
    made = Reply(FETCH, 1000.0)
    made.id = number
    made.sent, made.done, made.outcome, made.size = 1000.1, 1000.5, outcome, 12
    return made


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_request_is_told_with_the_id_the_target_has_seen(tmp_path: Path) -> None:
    log = RequestLog(tmp_path, 3, Recorder(1000.0))
    log.replied(reply(17, Outcome.OVERLOAD), 8)
    log.flush()
    assert records(tmp_path / REQUESTS) == [
        {
            "id": "3-17", "viewer": 8, "step": "home", "attempt": 2, "due": 1000.0, "sent": 1000.1,
            "first_byte": None, "done": 1000.5, "status": 0, "outcome": "overload", "bytes": 12,
        }
    ]  # fmt: skip
    log.close([])


def test_a_request_that_never_left_has_no_id_and_no_time_of_sending(tmp_path: Path) -> None:
    log = RequestLog(tmp_path, 0, Recorder(1000.0))
    log.replied(reply(0, Outcome.NO_SOCKET), 8)
    log.close([])
    [record] = records(tmp_path / REQUESTS)
    assert (record["id"], record["sent"], record["outcome"]) == (None, None, "no_socket")


def test_what_was_in_flight_at_the_end_has_neither_outcome_nor_end(tmp_path: Path) -> None:
    log = RequestLog(tmp_path, 0, Recorder(1000.0))
    log.close([(reply(5, Outcome.CANCELED), 8)])
    [record] = records(tmp_path / REQUESTS)
    assert (record["id"], record["done"], record["outcome"]) == ("0-5", None, None)


def test_every_viewer_who_came_has_one_line_decided_or_not(tmp_path: Path) -> None:
    recorder = Recorder(1000.0)
    log = RequestLog(tmp_path, 0, recorder)
    for index in range(2):
        log.arrived(arrival(index))
    log.decided(arrival(1), End.IN_TIME, 1003.0)
    log.close([])
    assert records(tmp_path / VIEWERS) == [
        {"index": 1, "at": 2.5, "end": "in_time", "decided_at": 1003.0},
        {"index": 0, "at": 2.5, "end": None, "decided_at": None},
    ]
    window = recorder.close(0, cpu=0, sockets=0, in_flight=0)
    assert sum(window.ends.values()) == 1


def test_two_workers_write_into_one_file_without_tearing_each_other_s_lines(
    tmp_path: Path,
) -> None:
    logs = [RequestLog(tmp_path, worker, Recorder(1000.0)) for worker in range(2)]
    for number in range(1, 200):
        for log in logs:
            log.replied(reply(number, Outcome.OK), number)
            if number % 7 == 0:
                log.flush()
    for log in logs:
        log.close([])
    ids = {record["id"] for record in records(tmp_path / REQUESTS)}
    assert ids == {f"{worker}-{number}" for worker in range(2) for number in range(1, 200)}
