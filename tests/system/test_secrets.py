"""A run writes and shows nothing that is secret: neither where it reports nor where it fails."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from guarded_service import PROFILE, Guarded, guarded
from kit import descendants, free_port, matchnight, summary, until, write_evening

WORD = "zebra"
VIEWERS = 40


def write_accounts(folder: Path, service: Guarded, *, wrong: int) -> Path:
    """Accounts of which so many have a password that is not theirs."""
    path = folder / "accounts.csv"
    rows = [f"{WORD}-account-{n},{service.password(f'-{n}')}" for n in range(VIEWERS)]
    rows[:wrong] = [f"{row}-{WORD}" for row in rows[:wrong]]
    path.write_text("\n".join(["account,password", *rows]) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def write_profile(folder: Path) -> Path:
    path = folder / "profile.yaml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


def written(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tell_tales(found: dict[str, bytes]) -> list[str]:
    return [name for name, content in found.items() if WORD.encode() in content.lower()]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_nothing_a_run_writes_or_shows_holds_a_secret(workers: str, tmp_path: Path) -> None:
    metrics = free_port()
    with guarded(WORD) as service:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "loadtests", "rehearse"),
                write_evening(tmp_path, viewers=VIEWERS, seconds=12, arriving=0.3),
                *("--target", service.url, "--profile", write_profile(tmp_path)),
                *("--accounts", write_accounts(tmp_path, service, wrong=5), "--workers", workers),
                *("--report-dir", tmp_path / "run", "--request-log"),
                *("--metrics-port", str(metrics)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GUARDED_KEY": service.key},
        )
        try:
            until(lambda: len(service.served) > 3 * VIEWERS, within=40)
            with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics") as page:
                shown = {"/metrics": page.read()}
            shown |= {
                f"command line of {child.pid}": " ".join(child.cmdline()).encode()
                for child in descendants(process)
            }
            process.send_signal(signal.SIGINT)
            said, complained = process.communicate(timeout=30)
        finally:
            process.kill()
            process.communicate()
    shown |= written(tmp_path / "run") | {"stdout": said.encode(), "stderr": complained.encode()}
    assert process.returncode == 130
    assert len(shown) > 10
    assert b"matchnight_" in shown["/metrics"]
    assert {("/login", 200), ("/login", 401), ("/live.m3u8", 404)} <= set(service.served)
    assert tell_tales(written(tmp_path)) == [str(tmp_path / "accounts.csv")]
    assert tell_tales(shown) == []


def test_what_a_run_is_given_anew_is_in_the_vault_afterwards_and_nowhere_else(
    tmp_path: Path,
) -> None:
    with guarded(WORD) as service:
        environment = {"GUARDED_KEY": service.key}
        accounts, vault = write_accounts(tmp_path, service, wrong=0), tmp_path / "vault.jsonl"
        spoken = ("--target", service.url, "--profile", write_profile(tmp_path))
        warmed = matchnight(
            *("warm", *spoken, "--accounts", accounts, "--vault", vault, "--rate", "20/s"),
            environment=environment,
        )
        before = vault.read_text(encoding="utf-8")
        done = matchnight(
            *("rehearse", write_evening(tmp_path, viewers=VIEWERS, seconds=4), *spoken),
            *("--accounts", vault, "--report-dir", tmp_path / "run", "--quiet"),
            environment=environment,
        )
    after = vault.read_text(encoding="utf-8")
    assert (warmed.returncode, warmed.stderr) == (0, "")
    assert before.count("\n") == VIEWERS
    assert ("/renew", 200) in service.served
    assert after.startswith(before)
    renewed = summary(tmp_path / "run")["requests"]["by_step"]["refresh"]["outcomes"]["ok"]
    assert after.count("\n") - VIEWERS >= renewed
    shown = written(tmp_path / "run") | {
        "output": f"{warmed.stdout}{done.stdout}{done.stderr}".encode()
    }
    assert tell_tales(shown) == []
