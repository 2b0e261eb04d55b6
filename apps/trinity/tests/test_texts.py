"""What the pages say: every refusal, event and rule of the server has its words, in each language,
with the same places to fill in; and nothing is kept that no page says.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

from trinity.catalogue.building import Note
from trinity.model import Choice, Status, Strategy
from trinity.notices import TO_ALL, TO_ONE

TRINITY = Path(__file__).parents[1]
WEB = TRINITY / "web"
LANGUAGES = ("en", "es")
STRING = r'"(?:[^"\\]|\\.)*"'
ENTRY = re.compile(rf'"([\w.]+)": ({STRING}|\{{ one: {STRING}, other: {STRING} \}}),')
UNCODED = {"OFFLINE", "UNKNOWN", "INVALID", "AUTH", "TOO_MANY"}  # refusals that bring no code
CALLS = {"Refused": 0, "Refusal": 1}  # which of their arguments is the code


@cache
def texts(language: str) -> dict[str, str]:
    """By key, in all its files; a key that stands twice is a mistake."""
    found: dict[str, str] = {}
    for path in sorted((WEB / "texts").glob(f"{language}.*.js")):
        read = path.read_text("utf-8")
        entries = ENTRY.findall(read)
        assert len(entries) == len(re.findall(r'"[\w.]+": ', read)), f"{path}: not all was read"
        for key, text in entries:
            assert key not in found, f"{path}: {key} stands there twice"
            found[key] = text
    return found


@cache
def scripts() -> str:
    """All that the pages do, without what they say."""
    paths = [path for path in WEB.rglob("*.js") if path.parent.name != "texts"]
    return "\n".join(path.read_text("utf-8") for path in sorted(paths))


def codes() -> Iterator[str]:
    """What the server refuses with, wherever it says so."""
    for path in TRINITY.rglob("*.py"):
        if "tests" not in path.relative_to(TRINITY).parts:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from codes_of(node)


def codes_of(call: ast.Call) -> Iterator[str]:
    given = [one.value for one in call.keywords if one.arg == "code"]
    place = CALLS.get(call.func.id) if isinstance(call.func, ast.Name) else None
    if place is not None:
        given.append(call.args[place])
    for one in given:
        if isinstance(one, ast.Constant) and re.fullmatch("[A-Z_]+", str(one.value)):
            yield str(one.value)
        elif isinstance(one, ast.JoinedStr):  # of the room's status
            assert ast.unparse(one).startswith("f'ROOM_{"), ast.unparse(one)
            yield from (f"ROOM_{status.upper()}" for status in get_args(Status))


def named() -> set[str]:
    """Keys that a script may say: whatever it has in quotes."""
    return set(re.findall(r'"([a-z]\w*(?:\.\w+)*)"', scripts()))


def filled_in() -> set[str]:
    """Patterns of the keys of which a script knows a part only as it runs."""
    found = re.findall(r"\bt\([^()`]*`([^`]+)`", scripts())
    return {re.sub(r"\$\{[^}]*\}", r"[A-Za-z_0-9]+", one.replace(".", r"\.")) for one in found}


def test_each_refusal_has_its_words_and_no_other_has() -> None:
    wanted = {*codes()} | UNCODED
    assert len(wanted) > 40
    assert {key.removeprefix("error.") for key in texts("en") if key.startswith("error.")} == wanted


def test_each_notice_status_and_note_has_its_words_and_no_other_has() -> None:
    families = {"notice": (*TO_ALL, *TO_ONE), "status": get_args(Status), "note": get_args(Note)}
    for family, names in families.items():
        told = {key for key in texts("en") if key.startswith(f"{family}.")}
        assert told == {f"{family}.{name}" for name in names}


def test_each_strategy_and_choice_has_its_words() -> None:
    wanted = {
        *(f"strategy.{one}" for one in get_args(Strategy)),
        *(f"strategy.{one}_text" for one in get_args(Strategy)),
        *(f"stamp.{one}" for one in get_args(Choice)),
    }
    assert wanted - texts("en").keys() == set()


def test_each_language_says_everything_with_the_same_places_to_fill_in() -> None:
    english, spanish = (texts(one) for one in LANGUAGES)
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        assert places(text) == places(spanish[key]), key
        assert text.startswith("{") == spanish[key].startswith("{"), key


def test_each_key_that_a_script_names_is_there() -> None:
    whole = set(re.findall(r'\bt\(\s*"([^"]+)"', scripts()))
    assert len(whole) > 150
    assert whole - texts("en").keys() == set()
    for pattern in filled_in():
        assert any(re.fullmatch(pattern, key) for key in texts("en")), pattern


def test_nothing_is_kept_that_no_script_says() -> None:
    patterns = re.compile("|".join(sorted(filled_in())))
    kept = {key for key in texts("en").keys() - named() if not key.startswith("error.")}
    assert {key for key in kept if patterns.fullmatch(key) is None} == set()


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
