"""Webhooks: who is told of what, and how that goes."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.roles import Permission
from milepost.service.api.actions import webhooks as actions
from milepost.service.api.forms import WebhookForm
from milepost.service.api.models import Webhook, WebhookDelivery
from milepost.service.api.policy_data import numbers
from milepost.service.kit.capabilities import events
from milepost.service.kit.refusals import Refused

State = WebhookDelivery.State
MAY = Permission.MANAGE_WEBHOOKS


@requires(MAY)
@require_GET
def webhook_list(request: HttpRequest) -> HttpResponse:
    rows = Webhook.objects.order_by("pk").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=State.WAITING)),
        given_up=Count("deliveries", filter=Q(deliveries__state=State.GIVEN_UP)),
    )
    return render(request, "api/webhooks.html", {"webhooks": rows})


@requires(MAY)
@asks_again(Because.LEAVES)
@never_cache
@require_http_methods(["GET", "POST"])
def webhook_new(request: HttpRequest) -> HttpResponse:
    """The secret is in the answer to the form and nowhere else."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make_webhook(by=user_of(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return render(request, "api/webhook-made.html", {"webhook": made, "secret": secret})
    return render(request, "api/webhook-new.html", {"form": form})


@requires(MAY)
@require_GET
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.select_related("by"), pk=pk)
    page = Paginator(found.deliveries.order_by("-pk"), numbers().pages.rows).get_page(request.GET.get("page"))
    given_up = found.deliveries.filter(state=State.GIVEN_UP).count()
    event_words = {event.name: event.words for event in events().values()}
    context = {"webhook": found, "page": page, "given_up": given_up, "event_words": event_words}
    return render(request, "api/webhook.html", context)


def _act(request: HttpRequest, pk: int, done: str, **change: bool) -> HttpResponse:
    found = get_object_or_404(Webhook, pk=pk)
    try:
        actions.set_active(by=user_of(request), webhook=found, **change)
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, done)
    return redirect("api:webhook", pk=pk)


@requires(MAY)
@require_POST
def webhook_pause(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("The webhook is paused. Nothing is sent, and events that happen now are not kept for it.")
    return _act(request, pk, done, active=False)


@requires(MAY)
@require_POST
def webhook_resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, _("The webhook sends again."), active=True)


@requires(MAY)
@require_http_methods(["GET", "POST"])
def webhook_remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Webhook, pk=pk)
    if request.method == "POST":
        actions.remove_webhook(by=user_of(request), webhook=found)
        messages.success(request, _("The webhook is removed."))
        return redirect("api:webhooks")
    waiting = found.deliveries.filter(state=State.WAITING).count()
    return render(request, "api/webhook-remove.html", {"webhook": found, "waiting": waiting})


@requires(MAY)
@require_POST
def webhook_send_again(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(WebhookDelivery, pk=pk)
    try:
        actions.send_again(by=user_of(request), delivery=delivery)
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("It will be sent again."))
    return redirect("api:webhook", pk=delivery.webhook_id)
