from loadtests.collect.edge.sighting import GIVEN_UP_AFTER, Said
from loadtests.collect.edge.stated import said
from loadtests.stack.exchange import Stated


def test_whatever_the_stack_states_is_known() -> None:
    assert all(said(stated, 1.0) is not None for stated in Stated)
    assert said("hello", 1.0) is None


def test_a_refusal_by_policy_has_its_code() -> None:
    assert said("policy:not_in_plan", 1.0) == (Said.POLICY, "not_in_plan")
    assert said(Stated.NOT_IN_HOUSEHOLD, 1.0) == (Said.POLICY, "not_in_household")


def test_a_client_that_had_waited_before_it_went_away_was_failed() -> None:
    assert said(Stated.ABORTED, GIVEN_UP_AFTER) == (Said.GIVEN_UP, "")
    assert said(Stated.ABORTED, GIVEN_UP_AFTER - 0.1) == (Said.GONE, "")


def test_what_the_application_says_of_credentials_is_kept_apart() -> None:
    denied = (Stated.BAD_CREDENTIALS, Stated.UNKNOWN_USER, Stated.EXPIRED, Stated.FORBIDDEN)
    found = [said(stated, 0.1) for stated in denied]
    assert [word for word, _ in filter(None, found)] == [
        Said.BAD_CREDENTIALS,
        Said.UNKNOWN_USER,
        Said.EXPIRED,
        Said.DENIED,
    ]
