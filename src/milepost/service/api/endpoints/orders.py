"""Orders and their versions: read, make drafts from an order file, submit for approval."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Body, Path, Query, Router, Status
from pydantic import Field

from milepost.orders.model import Regime
from milepost.orders.read import parse_order_file
from milepost.problems import Problem
from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import caller, needs
from milepost.service.api.endpoints import listed, one_of
from milepost.service.api.logged import consulted
from milepost.service.api.once import RepeatKey, once
from milepost.service.api.paging import After, Limit
from milepost.service.api.policy_data import numbers
from milepost.service.api.problems import ApiProblem, FieldError, of_reader, too_large
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Asked, Name, Page, Told, Words
from milepost.service.orders.actions import deciding
from milepost.service.orders.draft_checks import check_draft
from milepost.service.orders.load import load_order_file
from milepost.service.orders.models import Order, OrderVersion, VersionState
from milepost.service.orders.pieces import n_rows

router = Router(tags=["Orders"])
READ = needs(Scope.ORDERS_READ, Permission.VIEW_ORDERS)
WRITE = needs(Scope.ORDERS_WRITE, Permission.EDIT_ORDERS)
OrderReference = Annotated[Name, Path(description="Reference of the order")]
VersionNumber = Annotated[int, Path(ge=1, le=100_000, description="Number of the version, from 1")]


class OrderRow(Told):
    """A court's or a licence's order over one person."""

    reference: str
    person: str = Field(description="Reference of the person")
    regime: Regime
    ends_utc: dt.datetime | None
    source: str = Field(description="Court, prison, or the file it was read from")


class VersionRow(Told):
    """What an order says from a moment on. Only approved versions have an effect."""

    version: int
    state: VersionState
    effective_from_utc: dt.datetime | None
    why: str = Field(description="Why the order is varied")
    decision_note: str
    revision: int = Field(description="Counts every change of a draft")


class OrderWithVersions(OrderRow):
    """An order and its versions, oldest first."""

    versions: list[VersionRow]


class Check(Told):
    """What the checks say of a draft."""

    key: str = Field(description="Name it in ``read`` to say that you have read the warning")
    level: Literal["warning", "error"]
    words: str
    remedy: str
    rule: str
    conditions: list[str]
    source: str | None


class WholeVersion(VersionRow):
    """A version with its document, as the order file has it, and what the checks say of it if it is a draft."""

    order: str = Field(description="Reference of the order")
    document: dict[str, Any] = Field(
        description="Places and conditions: docs/reference/order-file.schema.json"
    )
    checks: list[Check]


class Made(Told):
    """What became of an order file. What was there already stays as it is."""

    people: list[str] = Field(description="References of people made")
    orders: list[str] = Field(description="References of orders made")
    file_references: dict[str, str] = Field(
        description="Of each order made: its reference here, and its id in the file"
    )
    versions: list[str] = Field(description="Drafts made, as order/number")
    to_check: list[str] = Field(
        description="References of people you do not see. Their part waits until a records officer has checked it. "
        "It does not say whether they are known here"
    )
    known: dict[str, int] = Field(description="How many of each kind were there already")
    problems: list[FieldError] = Field(description="What was left out, and what to do about it")


class Submission(Asked):
    """Asks for approval by a second person."""

    read: list[Name] = Field(
        default_factory=list, max_length=500, description="Keys of the warnings you have read"
    )
    reason: Words = Field(default="", description="Why the order goes ahead with these warnings")


def _row(order: Order) -> dict[str, Any]:
    return {"reference": order.reference, "person": order.person.reference, "regime": order.regime,
            "ends_utc": order.ends_utc, "source": order.source}  # fmt: skip


def _version(version: OrderVersion) -> dict[str, Any]:
    return {"version": version.version, "state": version.state, "effective_from_utc": version.effective_from_utc,
            "why": version.why, "decision_note": version.decision_note, "revision": version.revision}  # fmt: skip


@router.get("/orders", response=Page[OrderRow], auth=READ)
def list_orders(
    request: HttpRequest,
    person: Annotated[Name | None, Query(description="Only of this person")] = None,
    cursor: After = None,
    limit: Limit = None,
) -> Page[OrderRow]:
    """Orders of the people within your reach."""
    rows = Order.objects.visible_to(caller(request).user).select_related("person")
    found, after = listed(request, "api.orders", rows, ["pk"], cursor, limit, person=person)
    return Page[OrderRow](items=[OrderRow(**_row(o)) for o in found], next_cursor=after)


@router.get("/orders/{order}", response=OrderWithVersions, auth=READ)
def get_order(request: HttpRequest, order: OrderReference) -> OrderWithVersions:
    """An order and its versions."""
    found = one_of(Order, caller(request).user, reference=order)
    consulted(request, "api.order", subject=found.person.reference, order=found.reference)
    versions = [VersionRow(**_version(v)) for v in found.versions.order_by("version")]
    return OrderWithVersions(**_row(found), versions=versions)


def _whole(request: HttpRequest, order: str, number: int) -> WholeVersion:
    found = one_of(Order, caller(request).user, reference=order)
    version = get_object_or_404(found.versions.select_related("order__person"), version=number)
    draft = version.state in (VersionState.DRAFT, VersionState.RETURNED, VersionState.WAITING)
    checks = [
        Check(key=a.key, level=a.level, words=a.words, remedy=a.remedy, rule=a.rule, source=a.source,
              conditions=list(a.condition_ids))
        for a in (check_draft(version) if draft else [])
    ]  # fmt: skip
    return WholeVersion(**_version(version), order=found.reference, document=version.document, checks=checks)


@router.get("/orders/{order}/versions/{version}", response=WholeVersion, auth=READ)
def get_version(request: HttpRequest, order: OrderReference, version: VersionNumber) -> WholeVersion:
    """A version, whole."""
    told = _whole(request, order, version)
    found = one_of(Order, caller(request).user, reference=order)
    consulted(request, "api.order_version", subject=found.person.reference, order=order, version=version)
    return told


@router.post("/orders", response={201: Made}, auth=WRITE)
def create_drafts(
    request: HttpRequest,
    response: HttpResponse,
    order_file: Annotated[dict[str, Any], Body()],
    key: RepeatKey = None,
) -> Status[Made]:
    """Make drafts from an order file (docs/reference/order-file.schema.json).

    Good parts go in, each bad part is named in ``problems``. Each order gets a reference of its own; the same file
    again finds it by the id in the file. Nothing has an effect
    before somebody else approves it. What is about people whom you do not see, whether they are known here or
    not, waits to be checked (``to_check``). Devices are fitted with their own request.
    """
    user = caller(request).user
    read, problems = parse_order_file(order_file, "order file")
    if read.activations:
        problems.append(
            Problem("order file", "activations", None, "Devices in an order file are left out here.",
                    "Record the fitting with POST /activations.")
        )  # fmt: skip
        read = read.model_copy(update={"activations": []})
    if n_rows(read) > (most := numbers().orders.rows_at_most):
        raise too_large(
            f"There are more than {most} people, orders and versions in this order file.", "Send it in parts."
        )
    digest = hashlib.sha256(request.body).hexdigest()[:32]
    made: dict[str, Made] = {}

    def make() -> str:
        done = load_order_file(read, by=user, team=user.team, source="API")
        everything = [*problems, *done.problems]
        if not done.n_made and not done.to_check and not any(done.known.values()):
            raise ApiProblem(422, "invalid", "Nothing in this order file can be kept.", of_reader(everything))
        made[digest] = Made(
            people=done.people, orders=done.orders, versions=[f"{o}/{v}" for o, v in done.versions],
            known=dict(done.known), problems=of_reader(everything), to_check=done.to_check,
            file_references=done.file_references,
        )  # fmt: skip
        return digest

    once(request, response, key, make)
    if digest not in made:  # done before under this key: what it made is there now, and this says so
        make()
    return Status(201, made[digest])


@router.post("/orders/{order}/versions/{version}/submit", response=WholeVersion, auth=WRITE)
def submit_version(
    request: HttpRequest, order: OrderReference, version: VersionNumber, submission: Submission
) -> WholeVersion:
    """Ask for approval. Refused while a check says error, or a warning was not read."""
    found = one_of(Order, caller(request).user, reference=order)
    chosen = get_object_or_404(found.versions.select_related("order__person"), version=version)
    deciding.submit(by=caller(request).user, version=chosen, read=submission.read, reason=submission.reason)
    return _whole(request, order, version)
