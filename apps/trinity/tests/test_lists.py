"""Lists: what people paste is read as they meant it, and what is too much is said."""

from __future__ import annotations

from csv import writer
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skylift import Caller, Invalid
from skylift.testing import running
from trinity.app import app
from trinity.catalogue.building import Wanted, build
from trinity.lists import LINE_MAX, NAME_MAX, OPTIONS_MAX, Option, checked, parsed

CALLER = Caller("ann", "ann@example.com")
WORDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=60).map(
    lambda text: " ".join(text.split())
)


def names(text: str) -> list[str]:
    return [one.name for one in checked(parsed(text))]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Pizza\nSushi\n\n  Tacos  \n", ["Pizza", "Sushi", "Tacos"]),
        ("- Pizza\n* Sushi\n• Tacos", ["Pizza", "Sushi", "Tacos"]),
        ("1. Pizza\n2) Sushi\n10. Tacos", ["Pizza", "Sushi", "Tacos"]),
        ("Ann, Ben, Cleo", ["Ann", "Ben", "Cleo"]),
        ("Ann; Ben; Cleo", ["Ann", "Ben", "Cleo"]),
        ("Good food, cheap\nSushi\nA, b, c", ["Good food, cheap", "Sushi", "A, b, c"]),
        ("\ufeffname,line\nPizza,with ham\nSushi,raw", ["Pizza", "Sushi"]),
        ("name\nPizza\nSushi", ["Pizza", "Sushi"]),
        ("Pizza\r\nSushi\r\n", ["Pizza", "Sushi"]),
        ("7 Samurai\n12 Monkeys", ["7 Samurai", "12 Monkeys"]),
    ],
)
def test_a_pasted_text_is_read_as_it_was_meant(text: str, read: list[str]):
    assert names(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "Pizza,with ham\nSushi,raw fish",
        "Pizza;with ham\nSushi;raw fish",
        "Pizza\twith ham\nSushi\traw fish",
        "Título,Descripción\nPizza,with ham\nSushi,raw fish",
        "price,description,name\n9,with ham,Pizza\n12,raw fish,Sushi",
        '"Pizza","with ham"\n"Sushi","raw fish"',
    ],
)
def test_a_table_has_a_name_and_a_line_in_whatever_columns_its_header_says(text: str):
    assert parsed(text) == [Option("Pizza", "with ham"), Option("Sushi", "raw fish")]


def test_quotes_hold_commas_quotes_and_new_lines():
    text = 'name,line\n"Tom, Dick ""and"" Harry","one\ntwo"\nSushi,raw'
    assert checked(parsed(text))[0] == Option('Tom, Dick "and" Harry', "one two")


def test_quotes_that_do_not_close_are_said():
    with pytest.raises(Invalid) as no:
        parsed('name,line\n"Pizza,with ham\nSushi,raw')
    assert no.value.more == {"code": "LIST_BROKEN"}


def test_what_is_there_twice_counts_once_whatever_its_case():
    assert names("Pizza\nSUSHI\npizza\nSushi ") == ["Pizza", "SUSHI"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], "OPTIONS"),
        ([Option("one")], "OPTIONS"),
        ([Option("one"), Option("ONE")], "OPTIONS"),
        ([Option(f"n{n}") for n in range(OPTIONS_MAX + 1)], "OPTIONS"),
        ([Option("one"), Option("  ")], "OPTION_EMPTY"),
        ([Option("one"), Option("t\x00wo")], "OPTION_EMPTY"),
        ([Option("one"), Option("x" * (NAME_MAX + 1))], "OPTION_LONG"),
        ([Option("one"), Option("two", "x" * (LINE_MAX + 1))], "OPTION_LONG"),
    ],
)
def test_a_list_that_cannot_be_voted_on_is_refused_with_its_reason(
    options: list[Option], code: str
):
    with pytest.raises(Invalid) as no:
        checked(options)
    assert no.value.more == {"code": code}


def test_the_bounds_themselves_are_taken():
    assert len(checked([Option(f"n{n}") for n in range(OPTIONS_MAX)])) == OPTIONS_MAX
    assert len(checked([Option("x" * NAME_MAX, "y" * LINE_MAX), Option("two")])) == 2


def test_a_text_that_is_too_long_is_refused_before_it_is_read():
    with pytest.raises(Invalid) as no:
        parsed("ñ" * 32_769)
    assert no.value.more == {"code": "LIST_LONG"}


@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=20, unique_by=lambda row: row[0]))
def test_every_table_that_a_program_writes_is_read_back(rows: list[tuple[str, str]]):
    rows = [row for row in rows if row[0]]
    file = StringIO()
    writer(file).writerows([("name", "line"), *rows])
    assert [(one.name, one.line) for one in parsed(file.getvalue())] == rows


async def test_the_options_of_a_list_are_its_deck_each_with_an_id_of_its_own():
    deck = await build(Wanted(seed="r", kind="list", options=["Pizza", Option("Sushi", "raw")]))
    assert [(one.name, one.line) for one in deck.titles] == [("Pizza", ""), ("Sushi", "raw")]
    assert len({one.id for one in deck.titles}) == 2
    assert deck.note is None


async def test_a_list_can_be_looked_at_before_the_room_is_made():
    async with running(app) as world:
        http = world.http.as_(CALLER)
        answer = await http.post("/lists", json={"text": "Pizza\nSushi\npizza"})
        assert answer.json == {
            "options": [{"name": "Pizza", "line": ""}, {"name": "Sushi", "line": ""}],
            "repeated": 1,
        }
        refused = await http.post("/lists", json={"text": "Pizza"})
        assert (refused.status, refused.json["code"]) == (422, "OPTIONS")
