"""The key reference of scenarios/targets/README.md, made from the model.

`python -m loadtests.scenario.target_reference` writes it anew.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from loadtests.binding.keys import keys
from loadtests.scenario import targets
from loadtests.scenario.answering import (
    Condition,
    HeaderTest,
    JsonTest,
    Keep,
    Meaning,
    Repeat,
    Source,
)
from loadtests.scenario.profile import (
    AccountUse,
    Exchange,
    Secret,
    Signature,
    Streaming,
    TargetProfile,
)
from loadtests.scenario.profile_checks import (
    OF_REQUESTS,
    OF_SIGNATURES,
    OF_STEPS,
    OF_VIEWERS,
)
from loadtests.scenario.reference import END, parts, table

BEGIN = (
    "<!-- made from the model by `python -m loadtests.scenario.target_reference`; "
    "edit the model -->"
)
TITLES: Mapping[type, str] = {
    TargetProfile: "The file itself",
    Secret: "`secrets.<name>`",
    AccountUse: "`accounts`",
    Streaming: "`stream`",
    Signature: "`signatures.<name>`",
    Exchange: "`steps.<step>`, or each of a list there: an exchange",
    Meaning: "`means[]` of an exchange",
    Condition: "`expect` of an exchange; `while` and `slower` of `repeat`",
    JsonTest: "`json` of a condition",
    HeaderTest: "`header` of a condition",
    Keep: "`keep.<name>` of an exchange",
    Source: "`code` and `wait` of a meaning",
    Repeat: "`repeat` of an exchange",
}
"""Every record of a profile, by where it is written."""
NAMES: Mapping[str, Mapping[str, str]] = {
    "of the viewer": OF_VIEWERS,
    "of the request": OF_REQUESTS,
    "said in a step": OF_STEPS,
    "in `signatures`": OF_SIGNATURES,
}


def records() -> set[type]:
    """Every record a profile is made of."""
    found: set[type] = set()
    left: list[type] = [TargetProfile]
    while left:
        record = left.pop()
        if record not in found:
            found.add(record)
            left += [part for key in keys(record) for part, _ in parts(key.hint)]
    return found


def rewritten(readme: str) -> str:
    """The text of the README with the part between its two marks made anew; the rest is by hand.

    ValueError: it lacks a mark.
    """
    before, rest = readme.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    """Every name a template may use, then every key by its record, in Markdown."""
    return "\n".join([*_names(), "## Every key", "", *_tables()])


def _names() -> Iterator[str]:
    yield "## Every name"
    yield ""
    yield "| Name | Where | What it stands for |"
    yield "| --- | --- | --- |"
    for where, names in NAMES.items():
        for name, doc in names.items():
            yield f"| `{{{name}}}` | {where} | {doc.replace('|', chr(92) + '|')} |"
    yield ""


def _tables() -> Iterator[str]:
    for record, title in TITLES.items():
        yield from table(title, keys(record))


def main(readme: Path | None = None) -> None:
    """Write the README anew."""
    path = readme or targets.folder() / "README.md"
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
