"""The API, version 1: its operations put together, and the OpenAPI document that describes them."""

from __future__ import annotations

import json
from typing import Any

from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from milepost.service.api.problems import MEDIA_TYPE, ProblemBody, add_exception_handlers
from milepost.service.kit.capabilities import routers

VERSION = "1"
PREFIX = "/api/v1"
REASONS = {
    "400": "What was sent cannot be read",
    "401": "No token, or one that is unknown, expired or revoked",
    "403": "The role or the token does not include this",
    "404": "There is no such record, or you may not see it",
    "409": "It may not be done now; detail says why",
    "412": "It has changed since you saw it",
    "413": "It is too much for one call; the remedy says how to send it",
    "415": "The body is not JSON",
    "422": "A value cannot be used; errors names each field and the remedy",
    "429": "This token calls too often; Retry-After says when it may again",
    "503": "The database takes nothing just now; nothing was changed, Retry-After says when to come again",
}
DESCRIPTION = """Everything that the pages show and do, for programs. A token acts as its user, within its scopes.
Times are RFC 3339 in UTC; units are in the names (`_m`, `_s`, `_pct`). Errors are RFC 9457 problems.
Every read of a person's record is logged. Findings are not decisions: only a person decides."""


class MilepostAPI(NinjaAPI):
    """As ninja makes it, with the problems that every operation may answer in its document."""

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=PREFIX.strip("/"))
        problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= problem.pop("$defs", {}) | {"ProblemBody": problem}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                for parameter in operation["parameters"]:
                    _without_null(parameter["schema"])
                operation["responses"] = {str(k): v for k, v in operation["responses"].items()}
                for status in _problems_of(path, method, operation):
                    operation["responses"][status] = {
                        "description": REASONS[status],
                        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
                    }
        return document


def _without_null(schema: dict[str, Any]) -> None:
    """A parameter is there or not; an address cannot say null."""
    choices = [c for c in schema.get("anyOf", []) if c.get("type") != "null"]
    if schema.pop("anyOf", None):
        schema |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    if "default" in schema and schema["default"] is None:
        del schema["default"]


def _problems_of(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    found = ["400", "401", "403", "413", "415", "422", "429", "503"]
    if "{" in path or any(p["name"] in ("person", "incident") for p in operation["parameters"]):
        found.append("404")
    if method != "get":
        found += ["404", "409", "412"]
    elif path.endswith(("/coverage", "/totals")):
        found.append("409")
    return sorted(set(found))


api = MilepostAPI(
    title="Milepost",
    version=VERSION,
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="v1",
)
for router in routers():
    api.add_router("", router)
add_exception_handlers(api)


def urls() -> tuple[list[URLPattern], str, str]:
    """For ``path("v1/", ...)``. Each view is public to the middleware: its own door answers 401, not a page."""
    patterns, app, namespace = api.urls
    kept = [p for p in patterns if isinstance(p, URLPattern) and p.name != "api-root"]
    query = _query_names()
    for pattern in kept:
        callback: Any = pattern.callback
        callback.milepost_public = True
        callback.milepost_query = query["/" + str(pattern.pattern).replace("<", "{").replace(">", "}")]
    return kept, app, namespace


def _query_names() -> dict[str, dict[str, frozenset[str]]]:
    """The query parameters that each address knows, by method."""
    document = api.get_openapi_schema()
    return {
        path.removeprefix(PREFIX): {
            method.upper(): frozenset(p["name"] for p in operation["parameters"] if p["in"] == "query")
            for method, operation in methods.items()
        }
        for path, methods in document["paths"].items()
    }


def as_json() -> str:
    """The document as it is kept in docs/reference/openapi.json."""
    return json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, default=str) + "\n"
