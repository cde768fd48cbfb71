"""Finds what a page is about, among what its user may see."""

from __future__ import annotations

from typing import cast

from django.http import Http404
from django.shortcuts import get_object_or_404

from milepost.service.accounts.models import User
from milepost.service.orders.models import Absence, Activation, Document, Order, OrderVersion
from milepost.service.orders.states import OPEN


def find_order(user: User, reference: str) -> Order:
    orders = Order.objects.visible_to(user).select_related("person")
    return cast(Order, get_object_or_404(orders, reference=reference))


def find_version(user: User, reference: str, number: int) -> OrderVersion:
    order = find_order(user, reference)
    version: OrderVersion = get_object_or_404(order.versions, version=number)
    version.order = order
    return version


def find_draft(user: User, reference: str, number: int) -> OrderVersion:
    """An open version; 404 for one that was decided on."""
    version = find_version(user, reference, number)
    if version.state not in OPEN:
        raise Http404
    return version


def find_document(user: User, reference: str, pk: int) -> Document:
    order = find_order(user, reference)
    document: Document = get_object_or_404(order.documents.select_related("version"), pk=pk)
    document.order = order
    return document


def find_absence(user: User, pk: int) -> Absence:
    visible = Absence.objects.visible_to(user).select_related("person", "order", "by")
    return cast(Absence, get_object_or_404(visible, pk=pk))


def find_activation(user: User, pk: int) -> Activation:
    visible = Activation.objects.visible_to(user).select_related("device", "person")
    return cast(Activation, get_object_or_404(visible, pk=pk))
