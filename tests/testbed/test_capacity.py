"""The proof the rest stands on: over real HTTP, a station serves what it says, k ÷ service time."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

SERVERS, SERVICE_TIME, QUEUE = 4, 0.020, 60
CAPACITY = SERVERS / SERVICE_TIME
CONFIG = f"""
stations:
  sign_in: {{servers: {SERVERS}, service_time: {SERVICE_TIME * 1000:g}ms, queue: {QUEUE}}}
"""
RUN = """
import sys
from pathlib import Path
from loadtests.testbed.main import run
sys.exit(run(Path(sys.argv[1]), 0, Path(sys.argv[2]), until_stdin_closes=True))
"""
BODY = b'{"account": "viewer-0000001", "password": "password-of-viewer-0000001"}'
REQUEST = b"POST /sign-in HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
COMPLETIONS = 600
CLIENTS = 100  # more than servers and line together: it is overloaded throughout


async def overload(port: int) -> None:
    """Sign in as often as it answers, and come back at once, until enough have been served."""
    served = 0

    async def client() -> None:
        nonlocal served
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while served < COMPLETIONS:
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            if head.startswith(b"HTTP/1.1 200"):
                served += 1
            else:
                await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


def test_an_overloaded_station_serves_its_capacity_within_one_percent(tmp_path: Path) -> None:
    config = tmp_path / "stack.yaml"
    config.write_text(CONFIG)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(config), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as testbed:
        assert testbed.stdout is not None
        url = json.loads(testbed.stdout.readline())["ready"]
        asyncio.run(overload(int(url.rpartition(":")[2])))
        testbed.communicate()
    log: list[dict[str, Any]] = [
        json.loads(line) for line in (tmp_path / "access.jsonl").read_text().splitlines()
    ]
    outcomes = Counter(line["outcome"] for line in log)
    assert outcomes["ok"] >= COMPLETIONS
    assert outcomes["overload"] > CLIENTS - SERVERS - QUEUE - 1
    assert set(outcomes) == {"ok", "overload"}
    times = sorted(line["time"] for line in log if line["outcome"] == "ok")[:COMPLETIONS]
    # the median over all spans of half the completions: a late delivery or two do not move it
    half = COMPLETIONS // 2
    rate = half / median(times[i + half] - times[i] for i in range(half))
    assert abs(rate / CAPACITY - 1) < 0.01
