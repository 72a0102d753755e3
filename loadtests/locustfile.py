"""The rehearsal as a plain Locust run: `locust -f loadtests/locustfile.py --scenario smoke`."""

import sys
from typing import Any

from locust import events

from loadtests.swarm.carrier import Carrier, add_options, set_up
from loadtests.swarm.edge import end_forks_with_this, end_with_standard_input

__all__ = ["Carrier"]

# before Locust forks its workers, and before it parses anything: it may fail to
end_forks_with_this()
if "--supervised" in sys.argv:
    end_with_standard_input()
hooks: Any = events  # Locust has no types for them
hooks.init_command_line_parser.add_listener(add_options)
hooks.init.add_listener(set_up)
