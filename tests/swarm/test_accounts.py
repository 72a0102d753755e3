"""Accounts are read with every mistake told by line, and none of what the file says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from loadtests.errors import InvalidFile, MatchnightError
from loadtests.swarm.accounts import Account, Accounts, Dealt, read_accounts
from loadtests.swarm.vault import parse_vault

CANARY = "canary-7f3a"


def write(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "accounts.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def made(*streams: int | None) -> Accounts:
    return Accounts(
        path=Path("accounts.csv"),
        is_vault=False,
        all=[
            Account(
                line=number + 2,
                columns={"account": f"a{number}", "password": "p", "refresh_token": f"t{number}"},
                streams=limit,
            )
            for number, limit in enumerate(streams)
        ],
    )


def test_further_columns_are_read_and_a_byte_order_mark_is_not(tmp_path: Path) -> None:
    path = write(
        tmp_path, '\ufeffaccount,password,region\r\nann,"a,b ""c""",north\r\n\r\nbob,x,south\r\n'
    )
    assert [account.columns for account in read_accounts(path).all] == [
        {"account": "ann", "password": 'a,b "c"', "region": "north"},
        {"account": "bob", "password": "x", "region": "south"},
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (f"ann,{CANARY}\n", ["1: no column `account` in the header"]),
        (f"account;password\nann;{CANARY}\n", ["1: columns are separated by commas"]),
        (f"account,passwrod\nann,{CANARY}\n", ["1: no column `password` in the header"]),
        ("", ["1: no column `account` in the header"]),
        ("account,password\n", ["1: no account below the header"]),
        (
            f"account,password\nann,{CANARY}\n\nann,{CANARY}2\n",
            ["4: the account of line 2 again"],
        ),
        (
            f"account,password\nann,\n,{CANARY}\nbob,{CANARY},{CANARY}\n",
            ["2: no password", "3: no account", "4: 3 columns, and the header has 2"],
        ),
        (f'account,password\nann,"{CANARY}\nbob,x\n', ["2: a quote that does not close"]),
        (f'account,password\nann,"{CANARY}\nbob",x\n', ["2: 3 columns, and the header has 2"]),
        (f'account,password\nann,"{CANARY}\nbob"\n', ["2: a control character in it"]),
        (f"account,password,streams\nann,{CANARY},0\n", ["2: `streams` is not a whole number"]),
        (f"account,password,a b\nann,{CANARY},x\n", ["1: column 3 has no usable name"]),
        (f"account,password,x,x\nann,{CANARY},1,2\n", ["1: column 4 is named as one before it"]),
    ],
)
def test_every_wrong_line_is_named_and_nothing_of_it_is_quoted(
    text: str, problems: list[str], tmp_path: Path
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InvalidFile) as caught:
        read_accounts(path)
    assert len(caught.value.problems) == len(problems)
    for told, problem in zip(caught.value.problems, problems, strict=True):
        assert told.startswith(f"{path}:{problem}")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"account,password\nann,x\nbob,caf\xe9\n", "3: not UTF-8; save the file as UTF-8"),
        ("account,password\n".encode("utf-16"), "1: it is UTF-16; save the file as UTF-8"),
    ],
)
def test_a_wrong_encoding_is_told_with_its_line(data: bytes, problem: str, tmp_path: Path) -> None:
    path = write(tmp_path, data)
    with pytest.raises(InvalidFile) as caught:
        read_accounts(path)
    assert caught.value.problems == [f"{path}:{problem}"]


def test_of_very_many_problems_the_first_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "account,password\n" + "ann\n" * 100)
    with pytest.raises(InvalidFile) as caught:
        read_accounts(path)
    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1] == f"{path}: and 80 more problems like these"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_a_file_others_can_get_at_is_refused_with_the_cure(mode: int, tmp_path: Path) -> None:
    path = write(tmp_path, "account,password\nann,x\n", mode)
    with pytest.raises(MatchnightError) as caught:
        read_accounts(path)
    assert str(caught.value) == (
        f"{path}: it holds secrets, and others on this machine can get at it; run chmod 600 {path}"
    )


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_what_is_no_file_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(MatchnightError, match=r"cannot be read|not a file"):
        read_accounts(tmp_path / name)


def test_too_few_accounts_are_told_with_what_to_do() -> None:
    with pytest.raises(MatchnightError) as caught:
        made(None, 3).check(6, streams=2)
    assert str(caught.value).startswith(
        "--accounts: accounts.csv has 2 accounts with room for 5 viewers, and 6 will come; "
        "add accounts, write a smaller --scale,"
    )
    made(None, 3).check(5, streams=2)


@given(
    some.lists(some.none() | some.integers(1, 4), min_size=1, max_size=12),
    some.integers(1, 3),
    some.integers(1, 5),
)
def test_no_account_is_held_by_more_viewers_than_it_may(
    limits: list[int | None], streams: int, workers: int
) -> None:
    accounts = made(*limits)
    viewers = sum(limit or streams for limit in limits)
    holders: dict[str, int] = {}
    tokens: list[str] = []
    for worker in range(workers):
        shared = range(worker, viewers, workers)
        dealt = Dealt(accounts.share(shared, streams=streams), worker=worker, workers=workers)
        for viewer in shared:
            held = dealt.of(viewer)
            holders[held["account"]] = holders.get(held["account"], 0) + 1
            tokens += [held["refresh_token"]] if "refresh_token" in held else []
    assert [holders[f"a{i}"] for i in range(len(limits))] == [n or streams for n in limits]
    assert sorted(tokens) == sorted(f"t{i}" for i in range(len(limits))), "one device each"


def test_renewed_tokens_go_to_the_vault_once_and_are_held_from_then_on(tmp_path: Path) -> None:
    vault = tmp_path / "vault.jsonl"
    vault.touch(mode=0o600)
    records = [{"account": f"a{i}", "password": "p", "refresh_token": f"t{i}"} for i in (1, 3)]
    dealt = Dealt(records, worker=1, workers=2, vault=vault)

    dealt.renewed(3, "new")
    dealt.renewed(1, "t1")
    assert [dealt.flush(5.0), dealt.flush(6.0)] == [None, None]

    assert vault.read_text() == '{"account": "a3", "refresh_token": "new", "at": 5.0}\n'
    assert list(dealt.of(3).values()) == ["a3", "p", "new"]
    assert parse_vault(vault, vault.read_text()) == [(1, {"account": "a3", "refresh_token": "new"})]


def test_a_worker_without_the_vault_says_so_once(tmp_path: Path) -> None:
    vault = tmp_path / "elsewhere.jsonl"
    dealt = Dealt([{"account": "a0", "password": "p"}], vault=vault)
    dealt.renewed(0, "new")
    first = dealt.flush(5.0)
    dealt.renewed(0, "newer")
    assert first == f"refresh tokens are not kept: {vault}: No such file or directory"
    assert dealt.flush(6.0) is None
    assert not vault.exists()


def test_a_viewer_who_signed_up_has_tokens_of_another_account(tmp_path: Path) -> None:
    vault = tmp_path / "vault.jsonl"
    vault.touch(mode=0o600)
    dealt = Dealt([{"account": "a0", "password": "p", "refresh_token": "t0"}], vault=vault)
    dealt.signed_up(0)
    dealt.renewed(0, "of-somebody-else")
    assert dealt.flush(5.0) is None
    assert vault.read_text() == ""
    assert list(dealt.of(0).values()) == ["a0", "p", "t0"]


def test_a_report_mentions_accounts_without_a_token() -> None:
    assert made(None, None).notice is None
    bare = Accounts(
        path=Path("a.csv"),
        is_vault=False,
        all=[*made(None).all, Account(line=3, columns={"account": "b", "password": "p"})],
    )
    assert bare.notice is not None
    assert bare.notice.startswith("1 of 2 accounts have no refresh token: their viewers sign in")


def test_nothing_secret_is_in_a_repr() -> None:
    accounts = made(None)
    said = repr(accounts) + repr(accounts.all) + repr(Dealt([{"password": CANARY}]))
    assert "t0" not in said
    assert CANARY not in said
