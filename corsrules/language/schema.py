"""The JSON Schema of a `cors.toml`, made from the model and its docstrings, for editors."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from corsrules.language import model


class Draft7(GenerateJsonSchema):
    """The subset of JSON Schema that the TOML language servers read alike: draft-07, no titles, no null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key that may be left out; TOML has no null to write instead."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A key with the default that it has; what is left out, or empty, is none."""
        result = super().default_schema(schema)
        if result.get("default", ...) in (None, {}, []) or isinstance(result.get("default"), dict):
            del result["default"]
        return result

    def field_title_should_be_set(self, schema: object) -> bool:
        """No key has a title."""
        return False


def schema() -> dict[str, Any]:
    """The JSON Schema of a `cors.toml`."""
    document = model.Document.model_json_schema(ref_template="#/definitions/{model}", schema_generator=Draft7)
    tables = {"Document": document, **document["$defs"]}
    for name, field, description in _descriptions():
        properties = tables[name]["properties"]
        properties[field] = dict(sorted({**properties[field], "description": description}.items()))
    document = _draft7(document)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "cors.toml",
        **{key: value for key, value in document.items() if key not in ("$defs", "title")},
        "definitions": document["$defs"],
    }


def _descriptions() -> Iterator[tuple[str, str, str]]:
    """Each table of the model with each of its keys and that attribute's docstring.

    Pydantic would read them too, but whenever the model is imported, and that takes longer than to check a file.
    """
    tables = [node for node in ast.parse(inspect.getsource(model)).body if isinstance(node, ast.ClassDef)]
    for table in tables:
        for field, text in pairwise(table.body):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                yield table.name, ast.unparse(field.target).replace("_", "-"), str(ast.literal_eval(text.value))


def _draft7(value: Any) -> Any:
    """`value` without titles of models, and with `$ref` alone in its object (draft-07 ignores its siblings)."""
    if isinstance(value, list):
        return [_draft7(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _draft7(item) for key, item in value.items() if not (key == "title" and isinstance(item, str))}
    if "$ref" in result and len(result) > 1:
        result = {"allOf": [{"$ref": result.pop("$ref")}], **result}
    return result
