"""Our engine as a contender that sends plain requests; `plain_requests` is the process it runs."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from case import Contender, Figures, Place
from turn import run

SCRIPT = Path(__file__).with_name("plain_requests.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What to send. Neither `rate` nor `period`: each line asks again as soon as it is answered."""

    lines: int  # viewers, each with a connection of its own; in an open loop: to begin with
    rate: float | None = None  # requests a second, due evenly whatever comes back (an open loop)
    growth: float = 1.0  # of the rate, from second to second
    period: float | None = None  # or each line asks once in so many seconds
    keep: bool = True  # bodies are handed to the journeys
    drops: bool = True  # those nobody keeps are never copied out of the kernel
    closes: bool = False  # a new connection for each request
    settle: float = 1.0  # seconds before measuring


def ours(work: Work) -> Contender:
    """Plays this."""

    def play(place: Place, url: str) -> Figures:
        turn = {"url": url, "core": place.core, "measure": place.seconds, "work": asdict(work)}
        command = [sys.executable, str(SCRIPT), json.dumps(turn)]
        return run(place, command, expected=work.settle + place.seconds)

    return play
