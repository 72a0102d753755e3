"""The master's book: shares dealt once, windows filed once, nobody's absence overlooked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export.archive import WINDOWS, Archive, Manifest, _windows
from loadtests.swarm.messages import Outbox, Parcel
from loadtests.swarm.rehearsal import Reason, Rehearsal

MANIFEST = Manifest(
    scenario="evening", target="http://127.0.0.1:1", embedded=True, created="2026-01-01T00:00:00Z"
)


class Book:
    """A rehearsal of three seconds by workers `a` and `b`, and the parcels they send."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.archive = Archive.create(folder, MANIFEST, "title: x\n")
        self.rehearsal = Rehearsal("r1", self.archive, ["a", "b"], seconds=3)
        self._outboxes = {"a": Outbox(), "b": Outbox()}
        self._seconds = {"a": 0, "b": 0}

    def parcel(self, worker: str, *, last: bool = False) -> Parcel:
        window = Window(self._seconds[worker])
        window.workers = 1
        self._seconds[worker] += 1
        return self._outboxes[worker].post(window, 0.0, last=last)

    def play(self, worker: str, seconds: int = 3) -> None:
        for second in range(seconds):
            self.rehearsal.accept(worker, self.parcel(worker, last=second == seconds - 1))

    def events(self) -> list[dict[str, Any]]:
        lines = (self._folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def filed(self) -> list[tuple[int, int]]:
        lines = (self._folder / "windows.jsonl").read_text(encoding="utf-8").splitlines()
        return [(record["second"], record["workers"]) for record in map(json.loads, lines)]


def read_windows(book: Book) -> list[int]:
    """Workers in each second, as the folder has it."""
    damaged: list[str] = []
    windows = list(_windows(book.archive.folder / WINDOWS, damaged))
    assert damaged == []
    return [window.workers for window in Timeline(windows)]


@pytest.fixture
def unopened(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "run")
    yield made
    made.archive.close()


@pytest.fixture
def book(unopened: Book) -> Book:
    unopened.rehearsal.greet("a")
    unopened.rehearsal.greet("b")
    unopened.rehearsal.begin(1000.0)
    return unopened


def test_the_run_can_begin_when_the_last_of_the_crew_has_greeted_and_only_once(
    unopened: Book,
) -> None:
    rehearsal = unopened.rehearsal
    assert [rehearsal.greet(worker) for worker in ("b", "b", "stranger", "a")] == [
        False,
        False,
        False,
        True,
    ]
    rehearsal.begin(1000.0)
    assert not rehearsal.greet("a")
    assert rehearsal.crew == ["a", "b"]


def test_a_parcel_that_comes_twice_is_filed_once(book: Book) -> None:
    parcel = book.parcel("a")
    assert [book.rehearsal.accept("a", parcel) for _ in range(2)] == [True, False]
    book.rehearsal.file()
    assert not book.rehearsal.accept("a", parcel)
    assert book.rehearsal.file() == []
    assert book.filed() == [(0, 1)]
    assert book.rehearsal.timeline.total.workers == 1


def test_what_came_together_is_filed_as_one_window_for_each_second(book: Book) -> None:
    for worker in ("a", "b", "b"):
        book.rehearsal.accept(worker, book.parcel(worker))
    assert [(w.second, w.workers) for w in book.rehearsal.file()] == [(0, 2), (1, 1)]
    assert book.filed() == [(0, 2), (1, 1)]
    book.rehearsal.accept("a", book.parcel("a"))
    assert [(w.second, w.workers) for w in book.rehearsal.file()] == [(1, 1)]
    assert [w.workers for w in book.rehearsal.timeline] == [2, 2]
    assert read_windows(book) == [2, 2]


def test_what_was_accepted_is_filed_before_the_last_word(book: Book) -> None:
    book.rehearsal.accept("a", book.parcel("a"))
    book.rehearsal.stop(Reason.FAILED, 1001.0)
    assert book.filed() == [(0, 1)]


def test_a_stranger_s_parcel_is_not_filed(book: Book) -> None:
    assert not book.rehearsal.accept("stranger", book.parcel("a"))
    book.rehearsal.file()
    assert book.rehearsal.timeline.total.workers == 0


def test_workers_are_awaited_until_everything_up_to_their_last_window_has_come(book: Book) -> None:
    first, second, last = book.parcel("a"), book.parcel("a"), book.parcel("a", last=True)
    book.rehearsal.accept("a", first)
    book.rehearsal.accept("a", last)
    assert book.rehearsal.awaited() == ["a", "b"]
    book.rehearsal.accept("a", second)
    assert book.rehearsal.awaited() == ["b"]
    book.play("b")
    assert book.rehearsal.awaited() == []


def test_a_run_everybody_played_to_its_end_is_finished(book: Book) -> None:
    book.play("a")
    book.play("b")
    assert book.rehearsal.finish(1003.0) is Reason.FINISHED
    assert [event["kind"] for event in book.events()] == ["started", "stopped"]
    assert book.events()[-1]["reason"] == "finished"


def test_a_run_everybody_ended_early_was_interrupted(book: Book) -> None:
    book.play("a", seconds=2)
    book.play("b", seconds=2)
    assert book.rehearsal.finish(1002.0) is Reason.INTERRUPTED


def test_a_worker_that_ended_early_alone_is_a_lost_worker(book: Book) -> None:
    book.play("a", seconds=1)
    book.play("b")
    assert book.rehearsal.finish(1003.0) is Reason.FINISHED
    lost = [event["worker"] for event in book.events() if event["kind"] == "worker_lost"]
    assert lost == [0]


def test_a_lost_worker_is_news_once_and_not_after_it_has_played(book: Book) -> None:
    assert book.rehearsal.lose("a", 1001.0)
    assert not book.rehearsal.lose("a", 1002.0)
    assert not book.rehearsal.lose("stranger", 1002.0)
    book.play("b")
    assert not book.rehearsal.lose("b", 1004.0)
    assert book.rehearsal.awaited() == []
    assert not book.rehearsal.is_deserted


def test_windows_of_a_worker_believed_lost_still_count(book: Book) -> None:
    book.rehearsal.lose("a", 1001.0)
    assert book.rehearsal.accept("a", book.parcel("a"))


def test_without_any_worker_left_the_run_is_deserted(book: Book) -> None:
    book.rehearsal.lose("a", 1001.0)
    book.rehearsal.lose("b", 1001.0)
    assert book.rehearsal.is_deserted


def test_only_the_first_word_on_why_it_stopped_counts(book: Book) -> None:
    book.rehearsal.stop(Reason.FAILED, 1001.0, text="why")
    book.rehearsal.stop(Reason.FINISHED, 1002.0)
    assert book.rehearsal.reason is Reason.FAILED
    assert not book.rehearsal.plays
    assert [(e["reason"], e["text"]) for e in book.events() if e["kind"] == "stopped"] == [
        ("failed", "why")
    ]


def test_a_second_is_complete_when_everybody_still_there_has_delivered_it(book: Book) -> None:
    assert book.rehearsal.seconds_complete == 0
    book.rehearsal.accept("a", book.parcel("a"))
    book.rehearsal.accept("a", book.parcel("a"))
    assert book.rehearsal.seconds_complete == 0
    book.rehearsal.accept("b", book.parcel("b"))
    assert book.rehearsal.seconds_complete == 1
    book.rehearsal.lose("b", 1003.0)
    assert book.rehearsal.seconds_complete == 2
    book.rehearsal.accept("a", book.parcel("a", last=True))
    assert book.rehearsal.seconds_complete == 3
