"""YAML to records, with a position for every problem."""

from collections.abc import Mapping
from typing import Any


def about(doc: str, *, clock: str = "", name: str = "") -> Mapping[str, Any]:
    """Metadata of a key: what it means, which clock it runs on (event, client, media), its name in YAML."""
    return {"doc": doc, "clock": clock, "name": name}
