"""Finds what a page is about, among what its user may see, and notes that they looked."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from milepost.service.accounts.access import UserRequest
from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused
from milepost.service.orders.models import Order, OrderVersion
from milepost.service.orders.states import OPEN


def user_of(request: HttpRequest) -> User:
    return cast(UserRequest, request).user


def find_order(request: HttpRequest, reference: str) -> Order:
    orders = Order.objects.visible_to(user_of(request)).select_related("person")
    return cast(Order, get_object_or_404(orders, reference=reference))


def find_version(order: Order, number: int) -> OrderVersion:
    version: OrderVersion = get_object_or_404(order.versions, version=number)
    version.order = order
    return version


def find_draft(request: HttpRequest, reference: str, number: int) -> OrderVersion:
    """An open version; 404 for one that was decided on."""
    version = find_version(find_order(request, reference), number)
    if version.state not in OPEN:
        raise Http404
    return version


def note_look(request: HttpRequest, order: Order, what: str, **details: Any) -> None:
    """Reads of a person's record are logged, once for each page."""
    with transaction.atomic():
        write(by=user_of(request), operation=Operation.CONSULTATION, what=what, subject=order.person.reference,
              details={"order": order.reference, **details})  # fmt: skip


def say(request: HttpRequest, refused: Refused) -> None:
    """Shows a refusal at the top of the next page."""
    messages.error(request, str(refused))
