"""`python -m loadtests.testbed`: the default stack on a free port, without logs."""

import sys

from loadtests.testbed.main import run

sys.exit(run(None, 0, None))
