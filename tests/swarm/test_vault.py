"""A vault keeps what it was given, whatever interrupts, and shows it to nobody else."""

import json
import stat
from pathlib import Path

import pytest

from loadtests.errors import InvalidFile, MatchnightError
from loadtests.swarm.accounts import read_accounts
from loadtests.swarm.messages import Plan
from loadtests.swarm.vault import Vault

ANN = {"account": "ann", "password": "canary-p", "refresh_token": "canary-t"}


def test_a_vault_is_nobody_else_s_from_the_first_moment_and_is_read_as_accounts(
    tmp_path: Path,
) -> None:
    path = tmp_path / "vault.jsonl"
    vault = Vault(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    vault.add(ANN, 1.5)
    assert "ann" in vault
    assert "bob" not in vault
    accounts = read_accounts(path)
    assert accounts.is_vault
    assert [account.columns for account in accounts.all] == [ANN]


def test_what_a_later_line_says_holds_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "vault.jsonl"
    vault = Vault(path)
    vault.add(ANN, 1.0)
    vault.add({**ANN, "account": "bob"}, 2.0)
    vault.add({"account": "ann", "refresh_token": "newer"}, 3.0)
    first, second = (account.columns for account in read_accounts(path).all)
    assert first == {**ANN, "refresh_token": "newer"}
    assert second == {**ANN, "account": "bob"}


def test_a_line_torn_by_a_kill_is_no_obstacle_and_spoils_nothing_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "vault.jsonl"
    Vault(path).add(ANN, 1.0)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"account": "bob", "passw')
    assert len(read_accounts(path)) == 1
    vault = Vault(path)
    assert "bob" not in vault
    vault.add({**ANN, "account": "carl"}, 2.0)
    assert [account.columns["account"] for account in read_accounts(path).all] == ["ann", "carl"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"account": "canary', "not JSON: the line is damaged; remove it"),
        ('{"password": "canary"}', "no `account` in it; remove the line"),
        ('{"account": "ann", "password": 5}', "something in it is not a text; remove the line"),
        ('["canary"]', "no `account` in it; remove the line"),
    ],
)
def test_a_damaged_line_is_named_and_not_quoted(line: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "vault.jsonl"
    path.write_text(f"{json.dumps(ANN)}\n{line}\n{json.dumps(ANN)}\n", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(InvalidFile) as caught:
        read_accounts(path)
    assert caught.value.problems == [f"{path}:2: {problem}"]


def test_an_account_with_neither_password_nor_token_is_of_no_use(tmp_path: Path) -> None:
    path = tmp_path / "vault.jsonl"
    path.write_text('{"account": "ann"}\n', encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(InvalidFile, match=r"vault.jsonl:1: no password; write it"):
        read_accounts(path)


def test_what_is_no_vault_is_not_written_into(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(MatchnightError, match="is no vault; name a new file"):
        Vault(path)
    assert path.read_text(encoding="utf-8") == "dear diary\n"


def test_a_vault_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.jsonl"
    path.touch(mode=0o644)
    path.chmod(0o644)
    with pytest.raises(MatchnightError, match="run chmod 600"):
        Vault(path)


def test_a_plan_shows_neither_accounts_nor_secrets() -> None:
    shown = {field.name for field in Plan.__dataclass_fields__.values() if field.repr}
    assert shown.isdisjoint({"accounts", "secrets"})
