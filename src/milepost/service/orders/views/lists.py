"""The list of orders, and the first step of a new one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.orders.actions.drafts import start_order
from milepost.service.orders.forms.order import StartForm
from milepost.service.orders.models import Absence, Order, OrderVersion, VersionState
from milepost.service.orders.summary import REGIME_WORDS
from milepost.service.people.search import begins_with, of_names
from milepost.service.web.paging import MOST_LISTED, Newest

PAGE = 50
MOST_WAITING = 50
STATE_WORDS = {"draft": _("Draft"), "waiting": _("Waits for approval"), "approved": _("Approved"),
               "returned": _("Returned"), "discarded": _("Discarded")}  # fmt: skip
STATE_COLOURS = {
    "draft": "grey",
    "waiting": "yellow",
    "approved": "green",
    "returned": "orange",
    "discarded": "grey",
}


@listing("orders.list", Permission.VIEW_ORDERS)
@require_safe
def order_list(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    asked, state = request.GET.get("q", "").strip()[:100], request.GET.get("state", "")
    newest = OrderVersion.objects.filter(order=OuterRef("pk")).order_by("-version")
    everything: Any = Order.objects
    found = _matching(everything.listed_for(user), asked, state)
    orders = found.annotate(state=Subquery(newest.values("state")[:1])).select_related("person")
    page = Newest(orders.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    query = urlencode({name: value for name, value in (("q", asked), ("state", state)) if value})
    waiting, absences = waiting_for(user), _absences_waiting(user)
    look_of(request).show([
        *(order.person for order in page), *(version.order.person for version in waiting),
        *(absence.person for absence in absences),
    ])  # fmt: skip
    return render(
        request, "orders/list.html",
        {"page": page, "query": f"{query}&" if query else "", "asked": asked, "state": state,
         "waiting": waiting, "absences_waiting": absences, "states": STATE_WORDS,
         "colours": STATE_COLOURS, "regimes": REGIME_WORDS},
    )  # fmt: skip


def _matching(orders: QuerySet[Any], asked: str, state: str) -> QuerySet[Any]:
    """Orders whose reference, or whose person's, begins as was typed, or whose person has such a name; whose newest
    version is in that state. Each way of finding one has an index of its own: asked together they would have none."""
    if state in VersionState.values:
        later = OrderVersion.objects.filter(order=OuterRef("order"), version__gt=OuterRef("version"))
        newest = OrderVersion.objects.filter(~Exists(later), state=state)
        orders = orders.filter(pk__in=newest.values("order"))
    if not asked:
        return orders
    ways = [
        orders.filter(begins_with(asked, "reference") | begins_with(asked.upper(), "reference")),
        orders.filter(begins_with(asked, "file_reference")),
        orders.filter(
            begins_with(asked, "person__reference") | begins_with(asked.upper(), "person__reference")
        ),
        of_names(orders, asked),
    ]
    pks = ways[0].values("pk").union(*(way.values("pk") for way in ways[1:])).order_by("-pk")
    return Order.objects.filter(pk__in=[row["pk"] for row in pks[: MOST_LISTED + 1]])


def waiting_for(user: User) -> list[OrderVersion]:
    """Versions that this user may approve, oldest first."""
    if not user.may(Permission.APPROVE_ORDERS):
        return []
    found = (
        OrderVersion.objects.filter(state=VersionState.WAITING)
        .filter(Exists(Order.objects.visible_to(user).filter(pk=OuterRef("order"))))
        .defer("document")
        .select_related("order__person", "submitted_by")
        .order_by("submitted_utc")[:MOST_WAITING]
    )
    return [version for version in found if user.pk not in (version.made_by_id, version.submitted_by_id)
            and user.pk not in version.hands]  # fmt: skip


def _absences_waiting(user: User) -> list[Absence]:
    if not user.may(Permission.SECOND_DECISIONS):
        return []
    return list(
        Absence.objects.visible_to(user).filter(waits_for_second=True, withdrawn_utc=None, of_decision=False)
        .exclude(by=user)
        .select_related("person", "order", "by").order_by("from_utc")[:MOST_WAITING]
    )  # fmt: skip


@listing("order.start_form", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = StartForm(request.POST or None, user=user, initial={"person": request.GET.get("person", "")})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        version = start_order(by=user, person=data["person"], regime=data["regime"], source=data["source"])
        return redirect("orders:terms", reference=version.order.reference, number=version.version)
    look_of(request).show(form.finder.shown)
    return render(request, "orders/form.html", {"form": form, "title": _("Start an order"), "button": _("Start"),
                                                "cancel": ("orders:list", {})})  # fmt: skip
