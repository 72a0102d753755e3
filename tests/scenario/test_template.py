"""Templates: what is read, and what is made of texts."""

import base64
import hashlib
import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.scenario.template import FILTERS, Gap, Hole, Pieces, Template, json_pieces

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.sampled_from(["a", "access_token", "pkce.verifier", "secret.Key_1"])


def filled(pieces: Pieces, values: dict[str, str]) -> str:
    """What the pieces say, by the plainest means."""
    said = ""
    for piece in pieces:
        if isinstance(piece, Gap):
            text = values[piece.name]
            said += text if piece.apply is None else piece.apply(text)
        else:
            said += piece
    return said


@given(st.lists(TEXTS | NAMES.map(lambda name: Hole(name, ())), max_size=6))
def test_a_template_says_its_texts_with_its_holes_filled(parts: list[str | Hole]) -> None:
    written = "".join(
        "{" + part.name + "}" if isinstance(part, Hole) else part.replace("{", "{{")
        for part in parts
    )
    values = {name: f"<{name}>" for name in ("a", "access_token", "pkce.verifier", "secret.Key_1")}
    meant = "".join(f"<{part.name}>" if isinstance(part, Hole) else part for part in parts)
    assert filled(Template.from_text(written).pieces(), values) == meant


@given(TEXTS)
def test_filters_are_what_their_names_say(text: str) -> None:
    assert unquote(FILTERS["urlencode"](text)) == text
    assert FILTERS["urlencode"](text).isascii()
    assert FILTERS["urldecode"](FILTERS["urlencode"](text)) == text
    assert base64.b64decode(FILTERS["base64"](text)).decode() == text
    unpadded = FILTERS["base64url"](text)
    assert base64.urlsafe_b64decode(unpadded + "=" * (-len(unpadded) % 4)).decode() == text
    assert json.loads(FILTERS["json"](text)) == text
    assert FILTERS["sha256"](text) == hashlib.sha256(text.encode()).hexdigest()


def test_filters_apply_in_the_order_they_are_written() -> None:
    pieces = Template.from_text("{a|base64|urlencode}").pieces()
    assert filled(pieces, {"a": "??>"}) == "Pz8%2B"


@given(TEXTS, TEXTS)
def test_a_json_body_is_json_whatever_stands_in_its_holes(a: str, key: str) -> None:
    tree = {key: ["{a}", "is {a}", 1, True, None, {"n": "{n|number}", "j": "{a|json}"}]}
    said = filled(json_pieces(tree), {"a": a, "n": "-1.5e3"})
    assert json.loads(said) == {key: [a, f"is {a}", 1, True, None, {"n": -1500.0, "j": a}]}


def test_an_empty_number_is_null_in_a_json_body() -> None:
    assert filled(json_pieces({"patience": "{p|number}"}), {"p": ""}) == '{"patience": null}'


@pytest.mark.parametrize("text", ["NaN", "1,5", "0x1", " 1", "01", "+1", "."])
def test_what_is_no_json_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        FILTERS["number"](text)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{a", "a brace is not closed; write {{ for one"),
        ("a {", "a brace is not closed"),
        ("{}", "{} holds no name; write such as {account}, or {{ for a brace"),
        ('{"a": 1}', "holds no name"),
        ("{a|urlencoded}", "no filter 'urlencoded'; did you mean 'urlencode'?"),
    ],
)
def test_a_wrong_template_is_told_with_what_to_write(template: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"write|did you mean") as refusal:
        Template.from_text(template)
    assert said in str(refusal.value)


def test_a_closing_brace_is_a_character_like_any_other() -> None:
    template = Template.from_text('{{"a": "{a}"}')
    assert filled(template.pieces(), {"a": "b"}) == '{"a": "b"}'
