from loadtests.scenario.library import find
from loadtests.scenario.read import read_scenario
from loadtests.swarm.outlook import outlook


def test_what_would_be_played_names_the_series_and_how_many_it_brings() -> None:
    lines = outlook(read_scenario(find("world-cup-98"))).splitlines()
    assert (
        "They come as counted in curves/world-cup-98-final.csv (requests), scaled: 3,082,694 of "
        "these accounts in the whole series"
    ) in lines


def test_a_scenario_with_shapes_has_no_series_to_name() -> None:
    assert "as counted in" not in outlook(read_scenario(find("smoke")))
