"""Files attached to an order: put, take away, hand out."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.downloads import clean_name
from milepost.service.kit.refusals import Refused
from milepost.service.orders import policies
from milepost.service.orders.document_kinds import kind_of, kinds_in_words
from milepost.service.orders.models import Document, Order, OrderVersion
from milepost.service.orders.policy_data import document_limits
from milepost.service.orders.states import EDITABLE


@transaction.atomic
def add_document(*, by: User, order: Order, name: str, content: bytes) -> Document:
    """Keeps a file with an order, and with its open draft if there is one.

    Raises:
        Refused: it is empty, too large, one too many, or not of a kind that may be attached.
    """
    policies.check_can_add_document(order, by)
    limits = document_limits()
    if not content:
        raise Refused({"file": _("The file is empty. Choose another.")})
    if len(content) > limits.largest_bytes:
        most = limits.largest_bytes // 1_048_576
        raise Refused({"file": _("The file is larger than %(most)s MB. Make it smaller.") % {"most": most}})
    if order.documents.count() >= limits.most_of_an_order:
        raise Refused({"file": _("The order has as many documents as it may have.")})
    kind = kind_of(name, content)
    if kind is None:
        raise Refused(
            {"file": _("The file is not one of: %(kinds)s. Save it as a PDF.") % {"kinds": kinds_in_words()}}
        )
    draft: OrderVersion | None = order.versions.filter(state__in=EDITABLE).order_by("version").last()
    document = Document.objects.create(
        order=order, version=draft, name=clean_name(name), content_type=kind, size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(), content=content, by=by,
    )  # fmt: skip
    _log(by, document, Operation.COLLECTION, "order.document.add")
    return document


@transaction.atomic
def remove_document(*, by: User, document: Document) -> None:
    policies.check_can_remove_document(document, by)
    _log(by, document, Operation.ERASURE, "order.document.remove")
    document.delete()


@transaction.atomic
def hand_out(*, by: User, document: Document) -> bytes:
    """The content, and an entry that says who took it."""
    _log(by, document, Operation.CONSULTATION, "order.document")
    return bytes(document.content)


def _log(by: User, document: Document, operation: Operation, what: str) -> None:
    order = document.order
    write(
        by=by, operation=operation, what=what, subject=order.person.reference,
        details={"order": order.reference, "document": document.pk, "bytes": document.size_bytes,
                 "sha256": document.sha256},
    )  # fmt: skip
