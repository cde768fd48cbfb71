"""The OpenAPI document as plain rows for a page: no script, nothing loaded from elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldRow:
    name: str
    kind: str
    needed: bool
    words: str


@dataclass(frozen=True, slots=True)
class OperationRow:
    name: str
    method: str
    path: str
    words: str
    parameters: list[FieldRow]
    body: list[FieldRow]
    answer: list[FieldRow]
    problems: list[tuple[str, str]]


@dataclass(slots=True)
class Group:
    name: str
    operations: list[OperationRow] = field(default_factory=list)


def describe(document: dict[str, Any]) -> list[Group]:
    groups: dict[str, Group] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or [""])[0]
            groups.setdefault(tag, Group(tag)).operations.append(
                _operation(document, path, method, operation)
            )
    return list(groups.values())


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> OperationRow:
    parameters = [
        FieldRow(p["name"], f"{_kind(p['schema'])}, {p['in']}", p["required"], p.get("description", ""))
        for p in operation["parameters"]
    ]
    good = [r for s, r in operation["responses"].items() if s.startswith("2")]
    answer = [row for response in good for row in _fields(document, _schema(response))]
    body = list(_fields(document, _schema(operation["requestBody"]))) if "requestBody" in operation else []
    problems = [(s, r["description"]) for s, r in operation["responses"].items() if not s.startswith("2")]
    words = operation.get("description", "")
    return OperationRow(
        operation["operationId"], method.upper(), path, words, parameters, body, answer, problems
    )


def _schema(part: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, dict[str, Any]] = part.get("content", {})
    found: dict[str, Any] = next((one["schema"] for one in content.values()), {})
    return found


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[FieldRow]:
    whole = _resolve(document, schema)
    needed = set(whole.get("required", []))
    for name, told in whole.get("properties", {}).items():
        yield FieldRow(name, _kind(told), name in needed, _words(document, told))
        if name == "items" and "items" in told:
            for row in _fields(document, told["items"]):
                yield FieldRow(f"items[].{row.name}", row.kind, row.needed, row.words)


def _words(document: dict[str, Any], told: dict[str, Any]) -> str:
    return str(told.get("description") or "")


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    kind = str(schema.get("format") or schema.get("type") or "any")
    return f"list of {_kind(schema['items'])}" if kind == "array" and "items" in schema else kind
