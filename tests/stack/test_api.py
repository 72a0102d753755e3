"""Routes beside the stream: who needs a token, what policies say, what a new account is."""

import pytest
from evening import NOBODY, Asker, Evening, device, told

from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.policies import HouseholdRule
from loadtests.vocabulary import Trait

ME = Asker("viewer-0000123", device(7))
NEW = "viewer-90000007"
OPEN = {"/www", "/boot", "/register", "/home", "/sign-up", "/sign-in", "/token", "/support",
        "/heartbeat", "/leave"}  # fmt: skip


def sign_up(evening: Evening, account: str = NEW, password: str = f"password-of-{NEW}") -> Answer:
    return evening.post("/sign-up", account=account, password=password)


def test_what_is_of_an_account_needs_a_token_and_the_rest_none() -> None:
    evening = Evening()
    routes = evening.service._api.routes
    asked = {path: evening.answer(route.method, path) for path, route in routes.items()}
    closed = {p for p, answer in asked.items() if answer.outcome is Stated.BAD_CREDENTIALS}
    assert closed == set(routes) - OPEN
    assert {asked[path].status for path in closed} == {401}


def test_the_web_site_is_a_page_for_people() -> None:
    answer = Evening().get("/www")
    assert dict(answer.headers)[b"content-type"].startswith(b"text/html")
    assert answer.body.startswith(b"<!doctype html>")


def test_the_catalog_lists_titles_that_can_be_downloaded() -> None:
    evening = Evening()
    titles = told(evening.get("/catalog", by=ME))["titles"]
    assert len(titles) == len(set(titles)) == 40
    assert {evening.post("/download", title=title, by=ME).status for title in titles} == {200}


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "/account"), ("POST", "/cancel")], ids=["account", "cancel"]
)
def test_account_pages_are_plainly_done(method: str, target: str) -> None:
    answer = Evening().answer(method, target, by=ME)
    assert (answer.status, told(answer), answer.account) == (200, {}, ME.account)


def test_signing_up_gives_the_tokens_of_the_new_account() -> None:
    evening = Evening()
    answer = sign_up(evening)
    assert (answer.status, answer.account) == (201, NEW)
    renewed = evening.post("/token", refresh_token=told(answer)["refresh_token"])
    assert renewed.account == NEW
    assert told(renewed).keys() == told(answer).keys()


@pytest.mark.parametrize(("account", "password"), [("root", "password-of-root"), (NEW, "secret")])
def test_an_account_that_could_not_sign_in_cannot_be_made(account: str, password: str) -> None:
    answer = sign_up(Evening(), account, password)
    assert (answer.status, answer.outcome) == (400, Stated.CLIENT_ERROR)


def test_each_policy_at_the_entitlement_has_its_code_and_who_owes_hears_that_first() -> None:
    asker = Asker(ME.account, device(7, Trait.OUTSIDE))
    rule = HouseholdRule(start=0.0)
    evenings = [
        Evening(household=rule),
        Evening(household=rule, refused_accounts=1.0),
        Evening(household=rule, accounts_on_hold=1.0),
    ]
    codes = [told(evening.get("/entitlement", by=asker))["code"] for evening in evenings]
    assert codes == ["not_in_household", "not_in_plan", "account_on_hold"]
    both = Evening(refused_accounts=1.0, accounts_on_hold=1.0)
    assert both.get("/entitlement", by=asker).outcome is Stated.ACCOUNT_ON_HOLD


def test_an_account_just_made_is_in_good_standing() -> None:
    evening = Evening(refused_accounts=1.0, accounts_on_hold=1.0)
    new = Asker(NEW, NOBODY.device)
    assert evening.get("/entitlement", by=new).outcome is Stated.ACCOUNT_ON_HOLD
    sign_up(evening)
    assert evening.get("/entitlement", by=new).outcome is Stated.OK


def test_who_is_refused_by_a_policy_is_the_same_account_each_time() -> None:
    evening = Evening(accounts_on_hold=0.3)
    accounts = [Asker(f"viewer-{n:07d}") for n in range(300)]
    first, second = (
        [evening.get("/entitlement", by=by).outcome for by in accounts] for _ in range(2)
    )
    assert first == second
    assert first.count(Stated.ACCOUNT_ON_HOLD) == pytest.approx(90, abs=25)


@pytest.mark.parametrize(
    ("account", "stated"),
    [(ME.account, Stated.BAD_CREDENTIALS), ("somebody@mail.example", Stated.UNKNOWN_USER)],
)
def test_a_sign_in_denied_with_200_says_so_in_its_body_and_nowhere_else(
    account: str, stated: Stated
) -> None:
    said = {"account": account, "password": "letmein"}
    answer = Evening(denies_with_200=True).answer("POST", "/sign-in", said)
    assert (answer.status, answer.logged, answer.account) == (200, Stated.OK, account)
    assert told(answer) == {"error": stated}
    assert answer.outcome is stated  # the ledger is not deceived
    plain = Evening().answer("POST", "/sign-in", said)
    assert (plain.status, plain.logged) == (401, stated)
