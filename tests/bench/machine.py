"""What was measured, and on what: a figure without them is a rumor."""

import os
import platform
import re
import shutil
import ssl
import subprocess
import sysconfig
from importlib.metadata import version
from pathlib import Path

from origin import nginx

PACKAGES = ("gevent", "greenlet", "httptools", "locust", "geventhttpclient")
ROOT = Path(__file__).parent.parent.parent

About = dict[str, str | int | float | bool]


def machine() -> About:
    """Processor, system, and how busy they are; versions of all that takes part."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.platform(),
        "kernel": platform.release(),
        "load_average_before": os.getloadavg()[0],
        **_python(),
        "openssl": ssl.OPENSSL_VERSION,
        "nginx": _said(nginx(), "-v"),
        "wrk": _said(shutil.which("wrk"), "-v"),
        "cc": _said(shutil.which("cc"), "--version"),
        **{name: version(name) for name in PACKAGES},
    }


def commit() -> About:
    """Which state of this project: a commit, and whether anything was changed since."""
    head = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--", ".", ":!reports/benchmarks")  # results are none
    return {"commit": head, "is_dirty": bool(changed)} if head else {}


def _python() -> About:
    flags = f"{sysconfig.get_config_var('CONFIG_ARGS')} {sysconfig.get_config_var('PY_CFLAGS')}"
    return {
        "python": platform.python_version(),
        "python_pgo": "--enable-optimizations" in flags,
        "python_lto": "lto" in flags,
        "python_compiler": platform.python_compiler(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _said(command: str | None, option: str) -> str:
    """The first version number the command prints, on either stream; empty if it is missing."""
    if command is None:
        return ""
    done = subprocess.run([command, option], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d[\w.]*", done.stdout + done.stderr)
    return found[0] if found else ""


def _git(*arguments: str) -> str:
    if shutil.which("git") is None:
        return ""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
