"""What a plan is asked for on the command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loadtests.diagnosis.signature import read_signature
from loadtests.errors import MatchnightError
from loadtests.paper.plan.evenings import Background
from loadtests.paper.plan.plan import Question
from loadtests.paper.plan.what_if import WhatIf, parse_what_if, read_what_ifs
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.prices import read_prices
from loadtests.scenario.read import read_scenario
from loadtests.units import BytesPerSecond, Offset, parse_bit_rate, parse_offset


def question(given: Mapping[str, Any], scenario: Scenario) -> Question:
    """The question a namespace's texts ask about a scenario; MatchnightError says what is wrong."""
    return Question(
        scenario=scenario,
        also=[_event(text) for text in given.get("also") or ()],
        background=_background(given["background"]) if given.get("background") else None,
        bit_rate=_bit_rate("--bit-rate", given["bit_rate"]) if given.get("bit_rate") else None,
        signature=read_signature(Path(given["signature"])) if given.get("signature") else None,
        prices=read_prices(Path(given["prices"])) if given.get("prices") else None,
        what_ifs=_what_ifs(given),
    )


def _event(text: str) -> tuple[Scenario, Offset]:
    """`SCENARIO` or `SCENARIO@OFFSET`."""
    name, at, later = text.rpartition("@")
    if not at:
        return read_scenario(find(text)), 0.0
    try:
        return read_scenario(find(name)), parse_offset(later)
    except ValueError:
        raise _refused(
            "--also", text, is_not="an event and when it begins", such_as="smoke@+30m"
        ) from None


def _background(text: str) -> Background:
    """`VIEWERS` or `VIEWERS@BIT_RATE`."""
    viewers, at, rate = text.partition("@")
    number = viewers.strip().replace("_", "")
    if not number.isascii() or not number.isdigit() or int(number) == 0:
        raise _refused("--background", text, is_not="a number of viewers", such_as="50_000@4Mbit/s")
    return Background(viewers=int(number), bit_rate=_bit_rate("--background", rate) if at else None)


def _bit_rate(flag: str, text: str) -> BytesPerSecond:
    try:
        rate = parse_bit_rate(text)
    except ValueError:
        rate = 0.0
    if rate <= 0:
        raise _refused(flag, text, is_not="a bit rate", such_as="5Mbit/s")
    return rate


def _what_ifs(given: Mapping[str, Any]) -> dict[str, WhatIf]:
    """Those of the file by their names, those of the line by what they say."""
    found = dict(read_what_ifs(Path(given["what_ifs"]))) if given.get("what_ifs") else {}
    return found | {text: parse_what_if(text) for text in given.get("what_if") or ()}


def _refused(flag: str, text: str, *, is_not: str, such_as: str) -> MatchnightError:
    return MatchnightError(f"{flag}: {text!r} is not {is_not}; write such as {such_as}")
