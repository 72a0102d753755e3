from pathlib import Path

import pytest

from loadtests.binding.keys import keys
from loadtests.scenario.demand import Shape
from loadtests.scenario.library import folder, names
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario
from loadtests.scenario.reference import BEGIN, END, main, reference, rewritten
from loadtests.stack.ad_breaks import AdBreaks
from loadtests.stack.faults.model import Fault
from loadtests.stack.signed_urls import SignedUrls
from loadtests.vocabulary import Purpose, Step, Trait


def test_the_committed_readme_is_what_the_model_says() -> None:
    readme = (folder() / "README.md").read_text(encoding="utf-8")
    assert rewritten(readme) == readme, "run `python -m loadtests.scenario.reference`"


def test_every_key_of_a_scenario_has_its_row() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    for key in keys(Scenario):
        assert any(row.startswith(f"| `{key.name}` |") for row in rows)


@pytest.mark.parametrize(
    "row",
    [
        (
            "| `scale` | a ratio such as 15 %, 0.15 or 1/200, more than 0 % and at most 100 % "
            "| **required** |  | viewers played per viewer of the event |"
        ),
        (
            "| `start_limit` | a duration such as 90s, more than 0s | `30s` | client "
            "| a later first frame is a late start |"
        ),
        "| `demuxed` | true or false | `false` |  | audio as a rendition of its own |",
    ],
)
def test_a_row_says_what_to_write_the_default_the_clock_and_the_meaning(row: str) -> None:
    assert row in reference().splitlines()


@pytest.mark.parametrize(
    ("heading", "kinds"),
    [
        ("Shapes of arrivals", [*Shape, *Purpose]),
        ("Steps", [*Step]),
        ("Regions, devices and traits", [*Trait]),
        ("Faults on a timetable", [key.name for key in keys(Fault)]),
    ],
)
def test_what_is_written_by_hand_names_everything_there_is(heading: str, kinds: list[str]) -> None:
    readme = (folder() / "README.md").read_text(encoding="utf-8")
    section = readme.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    assert [kind for kind in kinds if f"`{kind}`" not in section] == []


def test_the_example_of_playlists_for_each_viewer_reads_as_it_says() -> None:
    readme = (folder() / "README.md").read_text(encoding="utf-8")
    section = readme.split("\n## Playlists for each viewer\n")[1]
    example = section.split("```yaml\n")[1].split("```")[0]
    match = Path(__file__).with_name("match.yaml").read_text(encoding="utf-8")
    text = match.replace("stack:\n", example, 1)
    stack = parse_scenario(text, file="m", name="match").stack
    assert stack is not None
    assert stack.stream.signed_urls == SignedUrls(life=120.0)
    half_time = AdBreaks(start=45 * 60.0, every=65 * 60.0, ads=3, duration=20.0)
    assert stack.stream.ad_breaks == half_time


def test_every_shipped_scenario_has_its_row() -> None:
    readme = (folder() / "README.md").read_text(encoding="utf-8")
    assert [name for name in names() if f"| [{name}]({name}.yaml) |" not in readme] == []


def test_both_ways_to_write_a_key_are_told() -> None:
    row = (
        "| `arrivals` | a list, each a mapping, see below, or a mapping, see below | **required** "
    )
    assert any(line.startswith(row) for line in reference().splitlines())


def test_every_timer_is_listed_under_its_clock() -> None:
    timers = {line.split("**")[1]: line for line in reference().splitlines() if "**: " in line}
    assert set(timers) == {"event", "client", "media"}
    assert "`window.from`" in timers["event"]
    assert "`devices.<name>.patience.none_before`" in timers["client"]
    assert "`stack.stream.target_duration`" in timers["media"]


def test_what_is_written_by_hand_stays(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"above\n{BEGIN}\nwhat stood here\n{END}\nbelow\n", encoding="utf-8")
    main(readme)
    made = readme.read_text(encoding="utf-8")
    assert made.startswith(f"above\n{BEGIN}\n\n## Every timer")
    assert made.endswith(f"\n{END}\nbelow\n")
    assert "what stood here" not in made
