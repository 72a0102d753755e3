"""FastHttpUser as a contender that sends plain requests; `fast_requests` is its process."""

import json
import sys
from pathlib import Path

from case import Contender, Figures, Place
from turn import run

SCRIPT = Path(__file__).with_name("fast_requests.py")
SETTLE = 2.0  # seconds before measuring


def fast_http(*, users: int, closes: bool = False) -> Contender:
    """Users who ask again as soon as they are answered; `closes`: each time on a new connection."""

    def play(place: Place, url: str) -> Figures:
        turn = {
            "url": url,
            "users": users,
            "closes": closes,
            "settle": SETTLE,
            "measure": place.seconds,
            "core": place.core,
        }
        command = [sys.executable, str(SCRIPT), json.dumps(turn)]
        return run(place, command, expected=SETTLE + place.seconds)

    return play
