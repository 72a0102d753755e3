"""A page that needs nothing from anywhere, and may not ask for it either."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from loadtests.export import words

HOME = files("loadtests.export") / "html"


def sheet(name: str, content: Mapping[str, Any], drawing: Mapping[str, Any]) -> str:
    """The page of a template, its script and what both are given: the charts are the script's."""
    style = "\n".join([_file("uplot/uPlot.min.css"), _file("page.css")])
    script = "\n".join([_file("uplot/uPlot.iife.min.js"), _file(f"{name}.js")])
    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_kept_together,
    )
    return environment.get_template(f"{name}.html.j2").render(
        content,
        drawing=htmlsafe_json_dumps(drawing, separators=(",", ":"), allow_nan=False),
        policy=policy(script=script, style=style),
        script=Markup(script),  # noqa: S704 - our own file, and its hash is in the policy
        style=Markup(style),  # noqa: S704 - our own file, and its hash is in the policy
        words=words,
    )


def _kept_together(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return words.kept_together(value)
    return value


def policy(*, script: str, style: str) -> str:
    """Content Security Policy (level 3) of a page that runs only these two and fetches nothing."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_seal(script)}",
            f"style-src {_seal(style)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _seal(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _file(name: str) -> str:
    return (HOME / name).read_text(encoding="utf-8")
