"""`matchnight warm` signs in who is missing in the vault, and loses nothing it was given."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from guarded_service import PROFILE, Guarded, guarded
from kit import lines, matchnight, until

ACCOUNTS = 24


def write_files(folder: Path, service: Guarded, *, wrong: int = 0) -> tuple[str | Path, ...]:
    """Accounts, the last ones with a wrong password, and a profile: as arguments of `warm`."""
    names = [f"w-account-{n}" for n in range(ACCOUNTS)]
    rows = [
        f"{name},{service.password(name)}{'x' * (number >= ACCOUNTS - wrong)}"
        for number, name in enumerate(names)
    ]
    accounts, profile = folder / "accounts.csv", folder / "profile.yaml"
    accounts.write_text("\n".join(["account,password", *rows]) + "\n", encoding="utf-8")
    accounts.chmod(0o600)
    profile.write_text(PROFILE, encoding="utf-8")
    return (
        *("--target", service.url, "--profile", profile),
        *("--accounts", accounts, "--vault", folder / "vault.jsonl"),
    )


def warm(
    service: Guarded, *arguments: str | Path, rate: str = "20/s"
) -> subprocess.CompletedProcess[str]:
    return matchnight("warm", *arguments, "--rate", rate, environment={"GUARDED_KEY": service.key})


def test_what_an_interruption_leaves_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    vault = tmp_path / "vault.jsonl"
    with guarded("w") as service:
        arguments = write_files(tmp_path, service)
        process = subprocess.Popen(
            [sys.executable, "-m", "loadtests", "warm", *arguments, "--rate", "5/s"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GUARDED_KEY": service.key},
        )
        try:
            until(lambda: vault.exists() and vault.read_text().count("\n") >= 3, within=30)
            process.send_signal(signal.SIGINT)
            said, complained = process.communicate(timeout=20)
        finally:
            process.kill()
            process.communicate()
        done = len(lines(vault))
        again = warm(service, *arguments)
    assert (process.returncode, complained) == (130, "matchnight: interrupted\n")
    assert said.startswith(f"{done} signed in, 0 failed, {ACCOUNTS - done} not tried;")
    assert said.endswith("The same command takes it up where it stopped.\n")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == (
        f"{ACCOUNTS - done} signed in, 0 failed, 0 not tried; {done} were in {vault} before\n"
    )
    kept = lines(vault)
    assert sorted(record["account"] for record in kept) == sorted(
        f"w-account-{n}" for n in range(ACCOUNTS)
    )
    assert {"account", "password", "refresh_token", "at"} == kept[0].keys()


def test_who_is_refused_is_counted_by_outcome_and_named_by_line(tmp_path: Path) -> None:
    with guarded("w") as service:
        done = warm(service, *write_files(tmp_path, service, wrong=2))
    counted, denied = done.stdout.splitlines()
    assert done.returncode == 99
    assert counted.startswith(f"{ACCOUNTS - 2} signed in, 2 failed, 0 not tried;")
    accounts = tmp_path / "accounts.csv"
    assert denied.split() == [
        *("denied", "2"),
        *(f"{accounts}:{ACCOUNTS},", f"{accounts}:{ACCOUNTS + 1}"),
    ]


def test_after_ten_failures_in_a_row_it_locks_no_more_accounts(tmp_path: Path) -> None:
    with guarded("w") as service:
        done = warm(service, *write_files(tmp_path, service, wrong=ACCOUNTS))
        tried = len(service.served)
    assert done.returncode == 99
    assert "Stopped after 10 failures in a row: more would lock more accounts." in done.stdout
    assert tried < ACCOUNTS


def test_a_profile_that_keeps_no_refresh_token_is_told(tmp_path: Path) -> None:
    with guarded("w") as service:
        arguments = write_files(tmp_path, service)
        profile = tmp_path / "profile.yaml"
        text = profile.read_text(encoding="utf-8")
        profile.write_text(text.replace("  refresh_token: {", "  renewing: {"), encoding="utf-8")
        done = warm(service, *arguments)
    assert done.returncode == 99
    assert "no_refresh_token" in done.stdout
    assert "Answered well, but without what the profile keeps as `refresh_token`." in done.stdout
    assert (tmp_path / "vault.jsonl").read_text(encoding="utf-8") == ""


def test_what_it_needs_is_told_in_one_line(tmp_path: Path) -> None:
    with guarded("w") as service:
        target, url, *rest = write_files(tmp_path, service)
        accounts = str(tmp_path / "accounts.csv")
        refusals = [
            warm(service, target, url),
            warm(service, target, url, *rest, rate="1000/s"),
            warm(service, target, url, *rest, "--vault", accounts),
            warm(service, target, "http://stack.invalid", *rest),
            warm(service, target, f"{url}/live.m3u8", *rest[2:]),
        ]
        assert service.served == []
    assert not (tmp_path / "vault.jsonl").exists()
    assert [(done.returncode, len(done.stderr.splitlines())) for done in refusals] == [
        *((2, 1), (2, 1), (2, 1), (3, 1), (2, 1)),
    ]
    assert "--rate: '1000/s' is not a rate up to 20/s" in refusals[1].stderr
    assert "are the accounts themselves" in refusals[2].stderr
    assert "nothing is sent without --consent FILE" in refusals[3].stderr
    assert "it has no step sign_in" in refusals[4].stderr


def test_tokens_in_the_vault_are_those_of_their_accounts(tmp_path: Path) -> None:
    with guarded("w") as service:
        warm(service, *write_files(tmp_path, service))
    for record in lines(tmp_path / "vault.jsonl"):
        number = record["account"].rpartition("-")[2]
        assert record["refresh_token"].startswith(f"w-refresh-{number}-")
        assert json.dumps(record["password"]) == f'"w-password-{number}"'
