"""CI looks at one full `make rehearse`: python expect_rehearsal.py FOLDER; 0 if as promised."""

import sys
from pathlib import Path

from kit import summary

LONGEST = 180.0  # seconds: what the README promises
FILES = (
    "report.html",
    "junit.xml",
    "metrics.prom",
    "windows.jsonl",
    "events.jsonl",
    "testbed/access.jsonl",
)


def problems(folder: Path) -> list[str]:
    """What is not as the README promises."""
    figures = summary(folder)
    viewers = figures["viewers"]
    ends = ("in_time", "started_late", "refused", "left_waiting", "never_started", "still_starting")
    first = figures["first_failing_step"]
    checks = {
        "the run took too long": figures["duration"] <= LONGEST,
        f"the tester was not healthy: {figures['tester']['problems']}": figures["tester"][
            "healthy"
        ],
        f"the testbed was not healthy: {figures['testbed']['problems']}": figures["testbed"][
            "healthy"
        ],
        f"sign-in did not fail first but {first}": (first or {}).get("step") == "sign_in",
        "an objective should have been missed": figures["exit_status"] == 99,
        "viewers do not add up": viewers["arrived"] == sum(viewers[end] for end in ends),
        "nobody met a black screen": (figures["black_screens"]["share"] or 0) > 0.05,
        "the figure was not scaled to the real audience": figures["black_screens"]["scaled"]
        is not None,
    }
    missing = [f"{name} is missing" for name in FILES if not (folder / name).exists()]
    return [problem for problem, fine in checks.items() if not fine] + missing


if __name__ == "__main__":
    found = problems(Path(sys.argv[1]))
    sys.stderr.write("".join(f"{problem}\n" for problem in found))
    sys.exit(bool(found))
