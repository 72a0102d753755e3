from hypothesis import given
from hypothesis import strategies as st

from loadtests.paper.agenda import Agenda


class Note:
    """Writes down when it happens, and may add another."""

    def __init__(self, agenda: Agenda, log: list[tuple[float, str]], name: str) -> None:
        self.agenda, self.log, self.name = agenda, log, name

    def happen(self) -> None:
        self.log.append((self.agenda.now, self.name))


class Echo(Note):
    def happen(self) -> None:
        super().happen()
        self.agenda.add(self.agenda.now - 1.0, Note(self.agenda, self.log, f"after {self.name}"))


@given(st.lists(st.floats(0, 100, exclude_max=True)))
def test_everything_happens_once_in_order_of_time(moments: list[float]) -> None:
    agenda, log = Agenda(0.0, 100.0), list[tuple[float, str]]()
    for moment in moments:
        agenda.add(moment, Note(agenda, log, ""))
    agenda.run()
    assert [at for at, _ in log] == sorted(moments)


def test_what_falls_on_one_moment_keeps_its_order() -> None:
    agenda, log = Agenda(0.0, 10.0), list[tuple[float, str]]()
    for name in "abc":
        agenda.add(5.0, Note(agenda, log, name))
    agenda.run()
    assert [name for _, name in log] == ["a", "b", "c"]


def test_what_is_added_for_the_past_happens_at_once() -> None:
    agenda, log = Agenda(0.0, 10.0), list[tuple[float, str]]()
    agenda.add(5.0, Echo(agenda, log, "first"))
    agenda.add(6.0, Note(agenda, log, "second"))
    agenda.run()
    assert log == [(5.0, "first"), (5.0, "after first"), (6.0, "second")]


def test_what_would_happen_at_the_end_never_does() -> None:
    agenda, log = Agenda(0.0, 10.0), list[tuple[float, str]]()
    agenda.add(10.0, Note(agenda, log, "late"))
    agenda.add(float("inf"), Note(agenda, log, "never"))
    agenda.run()
    assert (log, agenda.now, agenda.over) == ([], 10.0, True)
