"""`make bench`: what a request and a viewer cost us, beside Locust's FastHttpUser, in the same run.

The viewer workload: everyone fetches one playlist and one part of 20 kB every two seconds over a
plain connection of their own. Contenders take turns, so that a slow stretch of the machine hits all
alike; each figure is the median of the rounds with its range. The generator has one core, nginx
another.
"""

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from measure import KILOBYTE, Figures, Task
from origin import nginx, pin, serving

HERE = Path(__file__).parent
REPORTS = HERE.parent.parent / "reports" / "benchmarks"
MOST_CPU = 40e-6  # seconds a request, at LEAST_RATE or more
LEAST_RATE = 10_000
MOST_MEMORY = 8 * KILOBYTE  # bytes a viewer
MICRO = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One row of the table."""

    name: str
    script: str
    viewers: int


def contenders(viewers: int, beside: int) -> list[Contender]:
    """Ours at full size and at the size its peer can carry, and the peer."""
    return [
        Contender(name="matchnight", script="crowd.py", viewers=viewers),
        Contender(name="matchnight", script="crowd.py", viewers=beside),
        Contender(name="Locust FastHttpUser", script="fast_http.py", viewers=beside),
    ]


def play(contender: Contender, url: str, *, measure: float, core: int) -> Figures:
    """One turn, in a process of its own."""
    task = Task(
        url=url,
        viewers=contender.viewers,
        ramp=max(3.0, contender.viewers // 1200),
        settle=4.0,
        measure=measure,
        core=core,
    )
    done = subprocess.run(
        [sys.executable, str(HERE / contender.script), json.dumps(asdict(task))],
        stdout=subprocess.PIPE,
        check=True,
        timeout=120 + 10 * measure,
    )
    return Figures(**json.loads(done.stdout))


def middle(values: Iterable[float]) -> dict[str, float]:
    """Median, least and most."""
    ordered = sorted(values)
    return {"median": statistics.median(ordered), "low": ordered[0], "high": ordered[-1]}


def row(contender: Contender, rounds: list[Figures]) -> dict[str, object]:
    """All rounds of one contender."""
    return {
        "contender": contender.name,
        "viewers": contender.viewers,
        "requests_per_second": middle(f.rate for f in rounds),
        "cpu_per_request": middle(f.cpu_per_request for f in rounds),
        "memory_per_viewer": middle(f.memory_per_viewer for f in rounds),
        "lag_p99": middle(f.lag_p99 for f in rounds if f.lag_p99 is not None)
        if rounds[0].lag_p99 is not None
        else None,
        "failures": sum(f.failures for f in rounds),
        "rounds": [asdict(f) for f in rounds],
    }


def machine() -> dict[str, object]:
    """What it was measured on."""
    command = nginx() or "nginx"
    server = subprocess.run([command, "-v"], capture_output=True, text=True, check=True).stderr
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "nginx": server.strip().rpartition("/")[2],
        **{name: version(name) for name in ("gevent", "httptools", "locust", "geventhttpclient")},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def table(rows: list[dict[str, object]]) -> str:
    """For people."""
    head = ["", "viewers", "requests/s", "CPU µs/request", "kB/viewer", "lag p99 ms", "failures"]
    body = [
        [
            str(r["contender"]),
            f"{r['viewers']}",
            _span(r["requests_per_second"], 1, "{:.0f}"),
            _span(r["cpu_per_request"], MICRO, "{:.1f}"),
            _span(r["memory_per_viewer"], 1 / KILOBYTE, "{:.1f}"),
            _span(r["lag_p99"], 1000, "{:.1f}"),
            f"{r['failures']}",
        ]
        for r in rows
    ]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *body]
    )


def _span(figure: object, factor: float, form: str) -> str:
    if not isinstance(figure, dict):
        return "-"
    median, low, high = (form.format(figure[k] * factor) for k in ("median", "low", "high"))
    return f"{median} ({low}-{high})"


def verdicts(ours: dict[str, object]) -> list[tuple[str, bool]]:
    """The two bars, and whether the first row clears them."""
    cpu, rate, memory = (
        figure["median"]
        for figure in (
            ours["cpu_per_request"],
            ours["requests_per_second"],
            ours["memory_per_viewer"],
        )
        if isinstance(figure, dict)
    )
    return [
        (
            (
                f"at most {MOST_CPU * MICRO:.0f} µs a request at {LEAST_RATE}/s or more: "
                f"{cpu * MICRO:.1f} µs at {rate:.0f}/s"
            ),
            cpu <= MOST_CPU and rate >= LEAST_RATE,
        ),
        (
            (
                f"at most {MOST_MEMORY / KILOBYTE:.0f} kB a watching viewer (the process's growth; "
                f"the kernel's socket buffers are not in it): {memory / KILOBYTE:.1f} kB"
            ),
            memory <= MOST_MEMORY,
        ),
    ]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", type=float, default=8.0, help="seconds a turn is measured")
    parser.add_argument("--viewers", type=int, default=10_500)
    parser.add_argument("--beside", type=int, default=2_000, help="viewers beside FastHttpUser")
    return parser.parse_args()


def main(say: Callable[[str], object] = lambda line: sys.stderr.write(line + "\n")) -> int:
    """Measure, print, write; 0 if both bars are cleared, 1 if not, 2 if it cannot run here."""
    options = arguments()
    if nginx() is None:
        say("bench: nginx is missing; install it (Debian: apt-get install nginx-light)")
        return 2
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    pin(cores[0])
    about = machine()
    turns = contenders(options.viewers, options.beside)
    rounds: list[list[Figures]] = [[] for _ in turns]
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), _port(), cores[0]) as url:
        for number in range(options.rounds):
            for contender, figures in zip(turns, rounds, strict=True):
                say(f"round {number + 1}: {contender.name}, {contender.viewers} viewers")
                figures.append(play(contender, url, measure=options.measure, core=cores[-1]))
    rows = [row(c, f) for c, f in zip(turns, rounds, strict=True)]
    bars = verdicts(rows[0])
    sys.stdout.write(table(rows) + "\n\n")
    for text, cleared in bars:
        sys.stdout.write(("cleared: " if cleared else "MISSED:  ") + text + "\n")
    sys.stdout.write(f"written: {_write(about, rows, bars)}\n")
    return 0 if all(cleared for _, cleared in bars) else 1


def _port() -> int:
    # below the range the kernel takes outgoing ports from, or a client may sit on it
    for port in range(18_080, 18_180):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 18080 and 18180")


def _write(
    about: dict[str, object], rows: list[dict[str, object]], bars: list[tuple[str, bool]]
) -> Path:
    at = datetime.now(UTC)
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"{at:%Y-%m-%dT%H%M}.json"
    said = {
        "at": at.isoformat(timespec="seconds"),
        "workload": (__doc__ or "").partition("\n\n")[2].strip(),
        "machine": about,
        "rows": rows,
        "bars": [{"text": text, "cleared": cleared} for text, cleared in bars],
    }
    path.write_text(json.dumps(said, indent=2) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
