"""The README of target profiles, held to the model."""

import re
from pathlib import Path

import pytest

from loadtests.binding.keys import keys
from loadtests.scenario.profile import Exchange, Signer
from loadtests.scenario.target_reference import BEGIN, TITLES, main, records, reference, rewritten
from loadtests.scenario.targets import folder, names, parse_profile
from loadtests.scenario.template import FILTERS
from loadtests.vocabulary import SIDE_EFFECTS


def readme() -> str:
    return (folder() / "README.md").read_text(encoding="utf-8")


def test_the_committed_readme_is_what_the_model_says() -> None:
    committed = readme()
    assert rewritten(committed) == committed, "run `python -m loadtests.scenario.target_reference`"


def test_every_record_of_a_profile_has_its_table() -> None:
    assert records() == set(TITLES)
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    for key in keys(Exchange):
        assert any(row.startswith(f"| `{key.name}` |") for row in rows)


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("How a step is said", [f"`{{x|{name}}}`" for name in FILTERS]),
        ("Signing", [str(signer) for signer in Signer]),
        ("Side effects", [f"`{step}`" for step in SIDE_EFFECTS]),
    ],
)
def test_what_is_written_by_hand_names_everything_there_is(heading: str, words: list[str]) -> None:
    section = readme().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    assert [word for word in words if word not in section] == []


def test_every_shipped_profile_has_its_row() -> None:
    assert [name for name in names() if f"| [{name}]({name}.yaml) |" not in readme()] == []


def test_the_examples_are_profiles() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", readme(), re.DOTALL)
    for block in blocks:
        written = re.sub(r"(?m)^   ", "", block) if block.startswith("   ") else block
        head = "" if "title:" in written else "title: t\n"
        more = "names: {event: e}\nsecrets: {signing_key: {env: K}, jwk: {env: J}}\n"
        parse_profile(head + more + written, file="README.md")
    assert len(blocks) == 3


def test_the_readme_is_written_anew_in_place(tmp_path: Path) -> None:
    copy = tmp_path / "README.md"
    before, after = readme().split(BEGIN)
    copy.write_text(before + BEGIN + "\nold\n" + after[after.index("<!-- end") :], encoding="utf-8")
    main(copy)
    assert copy.read_text(encoding="utf-8") == readme()
