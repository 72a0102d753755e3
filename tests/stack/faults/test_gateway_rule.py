"""A rate limit that takes many viewers for one."""

import pytest
from evening import Asker, Evening, device

from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.faults.gateway_rule import GatewayRule, Rule
from loadtests.stack.faults.model import Fault
from loadtests.vocabulary import Step, Trait

RULE = GatewayRule(start=0.0, stop=100.0, steps=(Step.HOME,), rate=5.0)


def through(rule: GatewayRule, *, per_second: float, at: float = 0.0) -> list[Answer]:
    """A minute of requests, each by another viewer behind the gateway."""
    stack = Evening(faults=(Fault(gateway_rule=rule),))
    return [
        stack.get("/home", by=Asker(None, device(n, Trait.GATEWAY)), at=at + n / per_second)
        for n in range(round(60 * per_second))
    ]


def test_viewers_behind_the_gateway_share_one_rate_and_its_burst() -> None:
    answers = through(RULE, per_second=20.0)
    passed = sum(answer.status == 200 for answer in answers)
    assert passed == pytest.approx(60 * 5 + 5, abs=1)


def test_below_the_rate_nobody_is_met() -> None:
    assert {answer.status for answer in through(RULE, per_second=4.9)} == {200}


@pytest.mark.parametrize(("rule", "status"), [(Rule.TOO_MANY_REQUESTS, 429), (Rule.FORBIDDEN, 403)])
def test_what_is_beyond_it_is_blocked_and_not_invited_back(rule: Rule, status: int) -> None:
    plan = GatewayRule(start=0.0, stop=100.0, steps=(Step.HOME,), rate=5.0, answer=rule)
    blocked = [a for a in through(plan, per_second=20.0) if a.outcome is Stated.BLOCKED]
    assert {answer.status for answer in blocked} == {status}
    assert not any(b"retry-after" in dict(answer.headers) for answer in blocked)
    assert b"policy" not in blocked[0].body


def test_everybody_else_and_everything_else_passes() -> None:
    stack = Evening(faults=(Fault(gateway_rule=RULE),))
    gateway, other = Asker(None, device(1, Trait.GATEWAY)), Asker(None, device(2))
    assert {stack.get("/home", by=other).status for _ in range(100)} == {200}
    assert {stack.get("/www", by=gateway).status for _ in range(100)} == {200}


def test_out_of_its_time_it_counts_nobody() -> None:
    assert {answer.status for answer in through(RULE, per_second=20.0, at=100.0)} == {200}
