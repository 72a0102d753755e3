"""Set-top boxes while others are migrated."""

import pytest
from evening import HOUR, Asker, Evening, device, told

from loadtests.stack.exchange import Stated
from loadtests.stack.policies import Migration
from loadtests.vocabulary import Trait

MOVED = Migration(start=HOUR)
PLUGGED = Asker(None, device(1))
UNPLUGGED = Asker(None, device(2, Trait.UNPLUGGED))


def boot(evening: Evening, by: Asker, at: float, box: str = "box-2") -> object:
    return told(evening.post("/boot", box=box, by=by, at=at))


def test_an_unplugged_box_is_told_to_move_each_time_until_it_has_registered() -> None:
    evening = Evening(migration=MOVED)
    stays, move = ({"platform": "a", "move_to": to} for to in (None, "b"))
    assert boot(evening, UNPLUGGED, 0) == stays
    assert [boot(evening, UNPLUGGED, at) for at in (HOUR, 9 * HOUR)] == [move, move]
    answer = evening.post("/register", box="box-2", platform="b", by=UNPLUGGED, at=9 * HOUR)
    assert told(answer) == {"platform": "b"}
    assert boot(evening, UNPLUGGED, 10 * HOUR) == {"platform": "b", "move_to": None}
    assert boot(evening, UNPLUGGED, 10 * HOUR, box="box-3") == move


def test_the_others_moved_without_noticing() -> None:
    evening = Evening(migration=MOVED)
    told_them = [boot(evening, PLUGGED, at) for at in (0, HOUR)]
    assert told_them == [{"platform": to, "move_to": None} for to in ("a", "b")]


@pytest.mark.parametrize(
    "evening", [Evening(), Evening(migration=MOVED, begun=False)], ids=["none", "before the run"]
)
def test_without_a_migration_boxes_stay(evening: Evening) -> None:
    assert boot(evening, UNPLUGGED, 9 * HOUR) == {"platform": "a", "move_to": None}


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        ("/boot", {}),
        ("/boot", {"box": ""}),
        ("/boot", {"box": "x" * 65}),
        ("/boot", {"box": 7}),
        ("/register", {"box": "box-2"}),
        ("/register", {"platform": "b"}),
        ("/register", {"box": "box-2", "platform": "c"}),
    ],
)
def test_what_names_no_box_or_platform_is_the_clients_error(
    target: str, fields: dict[str, object]
) -> None:
    answer = Evening(migration=MOVED).answer("POST", target, fields)
    assert (answer.status, answer.outcome) == (400, Stated.CLIENT_ERROR)
