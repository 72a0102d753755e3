from raids import TARGET, attack, raid

from loadtests.behavior.hostile.table import PATTERNS
from loadtests.scenario.hostile import Pattern
from loadtests.vocabulary import Step


class Owned:
    """Accounts of real people, which nobody may touch."""

    def of(self, viewer: int) -> dict[str, str]:
        raise AssertionError(f"the account of viewer {viewer} is asked for")

    renewed = signed_up = of


def test_every_pattern_there_is_has_its_clients() -> None:
    assert PATTERNS.keys() == set(Pattern)


def test_no_attack_uses_the_accounts_that_a_run_was_given() -> None:
    owned = type(TARGET)(url=TARGET.url, language=TARGET.language, credentials=Owned())  # type: ignore[arg-type] # it refuses to be one
    for pattern in Pattern:
        step = Step.SIGN_IN if pattern is Pattern.FLOOD else None
        assert raid(attack(pattern, step=step, lasts=10.0), target=owned, until=20.0)


def test_two_attacks_of_one_kind_have_clients_of_their_own() -> None:
    one = attack(Pattern.LICENSE_FARMING)
    sent = raid(one, one)
    assert len(sent) == 240
    assert len({reply.fetch.headers for reply in sent}) == 10
