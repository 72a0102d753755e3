"""wrk's counts, in SI units."""

import pytest
from wrk import figures

SAID = """Running 2s test @ http://127.0.0.1:18080/small
  1 threads and 20 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.92ms  849.94us  12.73ms   85.84%
    Req/Sec     1.62k   135.55     1.73k    85.00%
  Latency Distribution
     50%  850.00us
     75%    2.00ms
     90%    3.00ms
     99%   12.50ms
  6000 requests in 2.00s, 7.68MB read
"""
WRONG = """  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
"""


def test_counts_and_percentiles_are_read_from_what_it_prints() -> None:
    assert figures(SAID, 0.6) == pytest.approx(
        {
            "rate": 3000.0,
            "cpu_per_request": 1e-4,
            "client_core": 0.3,
            "failures": 0,
            "latency_p50": 850e-6,
            "latency_p99": 12.5e-3,
        }
    )


def test_whatever_went_wrong_is_a_failure() -> None:
    assert figures(SAID + WRONG, 0.6)["failures"] == 15


def test_nothing_counted_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match="counted no request: unable to connect"):
        figures("unable to connect", 0.6)
