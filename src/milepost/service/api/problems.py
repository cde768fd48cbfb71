"""Errors as RFC 9457 tells them: ``application/problem+json``. No stack, no value that was sent."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoRefusal
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as ShapeError
from pydantic import BaseModel, ConfigDict, Field

from milepost.problems import Problem, UnreadableFile
from milepost.service.monitoring import policies as monitoring_policies
from milepost.service.web.busy import RETRY_AFTER_S, is_busy
from milepost.service.web.requests import request_id

log = logging.getLogger("milepost.api")
MEDIA_TYPE = "application/problem+json"
SEE = "Correct it as the API's document describes the field."


class FieldError(BaseModel):
    """One thing that is wrong: where, what, and what to do."""

    model_config = ConfigDict(extra="forbid")
    row: int | str | None = Field(description="Line, number or path of the row; null where there is one only")
    field: str | None = Field(description="Name of the field; null where it is about the whole")
    message: str
    remedy: str


class ProblemBody(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(
        description="A name for this kind of problem, which does not change: urn:milepost:problem:..."
    )
    title: str
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="In words, for the person who asked")
    request_id: str = Field(description="Quote it when you report the problem")
    errors: list[FieldError] = Field(
        description="What is wrong, by row and field; empty where that says nothing more"
    )


class ApiProblem(Exception):
    """Ends a request with a problem. ``kind`` is the last part of its type."""

    def __init__(
        self, status: int, kind: str, detail: str, errors: Iterable[FieldError] = (), **headers: str
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.errors, self.headers = list(errors), headers


def answer(problem: ApiProblem) -> HttpResponse:
    body = ProblemBody(
        type=f"urn:milepost:problem:{problem.kind}", title=HTTPStatus(problem.status).phrase, status=problem.status,
        detail=problem.detail, request_id=request_id.get(), errors=problem.errors,
    )  # fmt: skip
    response = JsonResponse(body.model_dump(mode="json"), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def unauthorised(detail: str) -> ApiProblem:
    return ApiProblem(401, "not-signed-in", detail, WWW_Authenticate='Bearer realm="milepost"')


def busy(detail: str) -> ApiProblem:
    """503: the same request may do well in a moment."""
    return ApiProblem(503, "busy", f"{detail} Send it again later.", Retry_After=str(RETRY_AFTER_S))


def too_large(detail: str, remedy: str) -> ApiProblem:
    """413: the same in smaller parts does well."""
    told = FieldError(row=None, field=None, message=detail, remedy=remedy)
    return ApiProblem(413, "too-large", f"{detail} {remedy}", [told])


def wrong(field: str, message: str, remedy: str = SEE) -> ApiProblem:
    """422 about one field."""
    return ApiProblem(
        422, "invalid", message, [FieldError(row=None, field=field, message=message, remedy=remedy)]
    )


def of_reader(problems: Iterable[Problem]) -> list[FieldError]:
    """What a reader of the library found."""
    return [FieldError(row=p.row, field=p.field, message=p.message, remedy=p.remedy) for p in problems]


def _of_shape(error: ShapeError) -> ApiProblem:
    found = []
    for one in error.errors:
        loc: list[Any] = list(one.get("loc", ()))[1:]
        if len(loc) > 1 and one["loc"][0] == "body":  # the name of our own parameter says nothing to a caller
            loc = loc[1:]
        rows = [str(part) for part in loc if isinstance(part, int)]
        names = ".".join(str(part) for part in loc if not isinstance(part, int))
        found.append(
            FieldError(
                row=".".join(rows) or None, field=names or None, message=str(one.get("msg", "")), remedy=SEE
            )
        )
    return ApiProblem(422, "invalid", "Some of what was sent cannot be used; errors names each field.", found)


def _of_refusal(refusal: DjangoRefusal) -> ApiProblem:
    fields = refusal.message_dict if hasattr(refusal, "error_dict") else {}
    errors = [
        FieldError(row=None, field=name, message=text, remedy="Do what the message says, then send it again.")
        for name, texts in fields.items()
        for text in texts
    ]
    return ApiProblem(409, "refused", " ".join(refusal.messages), errors)


def add_exception_handlers(api: NinjaAPI) -> None:
    """Registers how each exception is answered."""

    def handle(kind: type[Exception], make: Any) -> None:
        api.add_exception_handler(kind, lambda request, error: answer(make(error)))

    handle(ApiProblem, lambda e: e)
    handle(
        AuthenticationError,
        lambda e: unauthorised("Sign in, or send a token: Authorization: Bearer <token>."),
    )
    handle(Http404, lambda e: ApiProblem(404, "not-found", "There is no such record, or you may not see it."))
    handle(PermissionDenied, lambda e: ApiProblem(403, "not-allowed", "Your role does not include this."))
    handle(ShapeError, _of_shape)
    handle(DjangoRefusal, _of_refusal)
    handle(monitoring_policies.Changed, lambda e: ApiProblem(412, "changed", str(e)))
    handle(UnreadableFile, lambda e: ApiProblem(422, "invalid", e.problem.message, of_reader([e.problem])))
    handle(RequestDataTooBig, lambda e: too_large("What was sent is too large.", "Send it in parts."))
    handle(HttpError, lambda e: ApiProblem(e.status_code, "not-understood", str(e)))
    api.add_exception_handler(Exception, _unforeseen)


def _unforeseen(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    if is_busy(error if isinstance(error, Exception) else None):
        log.warning("the database takes nothing just now")
        return answer(busy("The database takes nothing just now. Nothing was changed."))
    log.error("the API failed", exc_info=error if isinstance(error, Exception) else None)
    return answer(
        ApiProblem(500, "our-fault", "Something failed on our side. Nothing was changed. Quote request_id.")
    )
