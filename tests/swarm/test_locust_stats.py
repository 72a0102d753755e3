"""A window merged into Locust's tables is what Locust would have counted, request by request."""

import json
import subprocess
import sys

# importing Locust patches the process: this runs in one of its own
COMPARE = """
import json
from locust.stats import RequestStats
from loadtests.collect.window import Tally, Window
from loadtests.swarm.locust_stats import METHOD, merge
from loadtests.vocabulary import Outcome, Step

REQUESTS = [
    (Step.HOME, Outcome.OK, 0.020),
    (Step.HOME, Outcome.OK, 0.300),
    (Step.SIGN_IN, Outcome.OVERLOAD, 2.5),
    (Step.SIGN_IN, Outcome.OVERLOAD, 0.001),
    (Step.SIGN_IN, Outcome.CANCELED, 9.0),
]
theirs, ours, window = RequestStats(), RequestStats(), Window(3)
for step, outcome, time in REQUESTS:
    theirs.log_request(METHOD, step.value, None if outcome is Outcome.CANCELED else time * 1000, 10)
    if outcome.is_failure:
        theirs.log_error(METHOD, step.value, outcome.value)
    tally = window.ended.setdefault((step, outcome, False), Tally())
    tally.count += 1
    tally.bytes += 10
    tally.times.add(time)
merge(ours, window, 1000.0)

def figures(stats):
    entries = [*stats.entries.values(), stats.total]
    return {
        "counts": {e.name: [e.num_requests, e.num_failures, e.num_none_requests] for e in entries},
        "bytes": {e.name: e.total_content_length for e in entries},
        "times": {e.name: [e.max_response_time, round(e.total_response_time)] for e in entries},
        "buckets": {e.name: sorted(e.response_times.items()) for e in entries},
        "errors": sorted([e.name, e.error, e.occurrences] for e in stats.errors.values()),
    }
print(json.dumps([figures(theirs), figures(ours)]))
"""


def test_a_merged_window_equals_its_requests_logged_one_by_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPARE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    theirs, ours = json.loads(done.stdout)
    assert ours == theirs
    assert ours["errors"] == [["sign_in", "overload", 2]]
