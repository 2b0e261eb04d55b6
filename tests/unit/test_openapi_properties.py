"""A body's schema, as an independent validator reads it, against what is really accepted."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from jsonschema import Draft202012Validator
from msgspec import json

from skylift.engine.check.whole import whole
from skylift.engine.describe.schema import Schemas
from tests.trials import trials
from tests.unit.test_validate_properties import Shape, cases, decodes


@trials(600)
@given(cases())
def test_a_schema_accepts_exactly_what_the_engine_accepts(case: tuple[Shape, Any]) -> None:
    shape, raw = case
    schemas = Schemas([shape.open], [])
    schema = schemas.of(shape.open, "in") | {"components": {"schemas": schemas.components}}
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(raw) is decodes(shape.closed, raw)


@trials(300)
@given(cases())
def test_what_was_accepted_fits_the_schema_of_the_answer(case: tuple[Shape, Any]) -> None:
    shape, raw = case
    if not decodes(shape.closed, raw):
        return
    answer = json.encode(json.decode(json.encode(whole(raw)), type=shape.open))
    schemas = Schemas([shape.open], [shape.open])
    schema = schemas.of(shape.open, "out") | {"components": {"schemas": schemas.components}}
    errors = list(Draft202012Validator(schema).iter_errors(json.decode(answer)))
    assert errors == []
