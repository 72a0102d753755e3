import asyncio
from pathlib import Path
from typing import Any

import pytest
from served import Line, Visit, Visited, lines, testbed

from loadtests.stack.defaults import DEFAULT
from loadtests.stack.model import Stack
from loadtests.testbed.serving import Options


@pytest.fixture
def visited(tmp_path: Path) -> Visited:
    """Runs a testbed for a visit and returns its access log, complete."""

    def visited(visit: Visit, stack: Stack = DEFAULT, **options: Any) -> list[Line]:  # noqa: ANN401
        async def run() -> None:
            async with testbed(stack, Options(log=tmp_path, **options)) as bed:
                await visit(bed)

        asyncio.run(run())
        return lines(tmp_path)

    return visited
