"""The key reference of scenarios/plans/README.md, made from the model.

`python -m loadtests.paper.plan.plan_reference` writes it anew.
"""

from pathlib import Path

from loadtests.binding.keys import keys
from loadtests.paper.plan.what_if import WhatIf, WhatIfs
from loadtests.scenario.library import folder
from loadtests.scenario.prices import Prices
from loadtests.scenario.reference import END, table

BEGIN = "<!-- made by `python -m loadtests.paper.plan.plan_reference`; edit the model -->"


def reference() -> str:
    """Every key of both files, in Markdown."""
    lines = [
        *table("A file of prices", keys(Prices)),
        *table("A file of what-ifs", keys(WhatIfs)),
        *table("`cases.<name>`, or what `--what-if` says", keys(WhatIf)),
    ]
    return "\n".join(lines).replace("(#steps)", "(../README.md#steps)")


def rewritten(readme: str) -> str:
    """The text of the README with the part between its two marks made anew; the rest is by hand.

    ValueError: it lacks a mark.
    """
    before, rest = readme.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def main(readme: Path | None = None) -> None:
    """Write the README anew."""
    path = readme or folder() / "plans" / "README.md"
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
