"""What no two runs may share on one machine, the second is refused until the first has ended."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm.lock import Lock, hold


def test_what_one_run_holds_another_is_refused_until_it_ends(tmp_path: Path) -> None:
    consent, accounts = tmp_path / "consent.yaml", tmp_path / "accounts.csv"
    consent.touch()
    accounts.touch()
    with ExitStack() as held:
        hold(held, consent=consent, accounts=None)
        with ExitStack() as other, pytest.raises(MatchnightError) as caught:
            hold(other, consent=consent, accounts=accounts)
        assert caught.value.status is ExitStatus.UNREACHABLE
        assert str(caught.value) == (
            f"--consent: another run on this machine is using {consent}; wait for its end"
        )
        with ExitStack() as third:
            hold(third, consent=None, accounts=accounts)
    with ExitStack() as held:
        hold(held, consent=consent, accounts=accounts)


def test_releasing_twice_takes_nothing_from_the_next(tmp_path: Path) -> None:
    path = tmp_path / "consent.yaml"
    path.touch()
    busy = MatchnightError("busy")
    first = Lock(path, busy=busy)
    first.release()
    second = Lock(path, busy=busy)
    first.release()
    with pytest.raises(MatchnightError, match="busy"):
        Lock(path, busy=busy)
    second.release()


def test_a_missing_file_cannot_be_held(tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match="cannot be read: No such file"):
        Lock(tmp_path / "none", busy=MatchnightError("busy"))
