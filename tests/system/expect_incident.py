"""CI looks at one incident's run: python expect_incident.py FOLDER; 0 if it shows its mechanism."""

import sys
from pathlib import Path

from incidents import problems
from kit import summary

INVALID = 4


def main(folder: Path) -> int:
    """The exit status: 4 if the run calls itself invalid, 1 if it shows something else."""
    figures = summary(folder)
    found = problems(figures)
    sys.stderr.write("".join(f"{figures['scenario']}: {problem}\n" for problem in found))
    if figures["exit_status"] == INVALID:
        return INVALID
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
