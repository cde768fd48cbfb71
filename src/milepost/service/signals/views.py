"""Pages of messages that were not understood, and of tokens."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from milepost.problems import storable_text
from milepost.service.accounts.about import listing, look_of
from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.confirmed import Because, asks_again
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.orders.models import Activation
from milepost.service.signals import actions, policies
from milepost.service.signals.forms import STATES, FilterForm, NoteForm, TokenForm
from milepost.service.signals.models import IngestToken, QuarantinedMessage, QuarantineQuerySet
from milepost.service.signals.strangers import find_strangers, is_stranger, likely_devices
from milepost.service.web.notices import act_and_show
from milepost.service.web.paging import Newest
from milepost.times import from_us

ROWS_A_PAGE = 50
REPLAYED_AT_ONCE = 200
SHOWN_CHARACTERS = 20_000
State = QuarantinedMessage.State


def _matching(user: User, form: FilterForm) -> QuarantineQuerySet:
    chosen = form.cleaned_data if form.is_valid() else {}
    found = QuarantinedMessage.objects.visible_to(user).filter(state=chosen.get("state") or State.WAITING)
    if chosen.get("format"):
        found = found.filter(format=chosen["format"])
    if chosen.get("device"):
        found = found.filter(device_id__icontains=chosen["device"])
    if chosen.get("problem"):
        found = found.filter(first_problem__icontains=chosen["problem"])
    return found


def _query(form: FilterForm) -> str:
    chosen = form.cleaned_data if form.is_valid() else {}
    return urlencode({name: value for name, value in chosen.items() if value})


@listing("quarantine.list", Permission.VIEW_QUARANTINE)
@require_GET
def quarantine(request: HttpRequest) -> HttpResponse:
    user, form = user_of(request), FilterForm(request.GET)
    page = Newest(
        _matching(user, form).defer("raw", "problems").select_related("token").order_by("-id"), ROWS_A_PAGE
    ).get_page(request.GET.get("page"))
    look_of(request).note(page=page.number, rows=len(page.object_list))
    query = _query(form)
    return render(
        request,
        "signals/quarantine.html",
        {
            "strangers": find_strangers(user) if page.number == 1 and not query else [],
            "may_see_devices": user.may(Permission.FIT_DEVICES),
            "filter": form,
            "page": page,
            "query": f"{query}&" if query else "",
            "fields": dict(form.cleaned_data) if form.is_valid() else {},
            "filtered": bool(query),
            "states": dict(STATES),
            "may_replay": user.may(Permission.REPLAY_QUARANTINE),
            "at_once": min(page.paginator.count, REPLAYED_AT_ONCE),
        },
    )


@requires(Permission.VIEW_QUARANTINE, Permission.REPLAY_QUARANTINE)
@require_POST
def replay_all(request: HttpRequest) -> HttpResponse:
    """Replays what the filter finds, oldest first, each in a transaction of its own."""
    user, form = user_of(request), FilterForm(request.POST)
    done = waiting = rows = 0
    chosen = _matching(user, form).exclude(state=State.REPLAYED).order_by("id")[:REPLAYED_AT_ONCE]
    for message in chosen.defer("raw", "problems"):
        try:
            outcome = actions.replay(message=message, by=user)
        except Refused:  # somebody else was quicker
            continue
        rows += outcome.accepted
        done, waiting = done + (not outcome.quarantined), waiting + bool(outcome.quarantined)
    messages.success(
        request,
        _("Replayed: %(done)s. Still not understood: %(waiting)s. Signals recorded: %(rows)s.")
        % {"done": done, "waiting": waiting, "rows": rows},
    )
    query = _query(form)
    return redirect(reverse("signals:quarantine") + (f"?{query}" if query else ""))


def _message(request: HttpRequest, pk: int) -> QuarantinedMessage:
    found = QuarantinedMessage.objects.visible_to(user_of(request)).select_related("token", "handled_by")
    return get_object_or_404(found, pk=pk)


@listing("quarantine.message", Permission.VIEW_QUARANTINE)
@require_GET
@never_cache
def message(request: HttpRequest, pk: int) -> HttpResponse:
    user, found = user_of(request), _message(request, pk)
    at = from_us(found.received_us)
    worn = Activation.objects.filter(Q(until_utc=None) | Q(until_utc__gt=at), from_utc__lte=at)
    person = (
        worn.filter(device__device_id=found.device_id).values_list("person__reference", flat=True).first()
    )
    look = look_of(request)
    look.note(quarantined=found.pk)
    look.subject = person or ""
    text, cut = shown_text(bytes(found.raw))
    stranger = is_stranger(found.device_id)
    return render(
        request,
        "signals/message.html",
        {
            "message": found,
            "text": text,
            "cut": cut,
            "is_stranger": stranger,
            "meant": likely_devices([found.device_id], user).get(found.device_id) if stranger else None,
            "may_see_devices": user.may(Permission.FIT_DEVICES),
            "states": dict(STATES),
            "can_work": policies.can_work(user, found),
            "back_href": reverse("signals:quarantine"),
        },
    )


@requires(Permission.VIEW_QUARANTINE, Permission.REPLAY_QUARANTINE)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    found = _message(request, pk)
    try:
        outcome = actions.replay(message=found, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        taken = ngettext("%(n)s signal was recorded.", "%(n)s signals were recorded.", outcome.accepted) % {
            "n": outcome.accepted
        }
        if outcome.quarantined:
            messages.warning(request, _("Part of it is still not understood.") + " " + taken)
        else:
            messages.success(request, _("The message is understood now.") + " " + taken)
    return redirect("signals:message", pk=pk)


@requires(Permission.VIEW_QUARANTINE, Permission.REPLAY_QUARANTINE)
@require_http_methods(["GET", "POST"])
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    found, form = _message(request, pk), NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        act_and_show(
            request, lambda: actions.set_aside(message=found, note=note, by=user_of(request)),
            _("The message is set aside. It is kept."),
        )  # fmt: skip
        return redirect("signals:message", pk=pk)
    context = {
        "title": _("Set message %(number)s aside") % {"number": found.pk},
        "text": _("It is kept and can be replayed later. Nobody is asked to deal with it any more."),
        "confirm_text": _("Set aside"),
        "cancel_href": reverse("signals:message", kwargs={"pk": pk}),
        "form": form,
    }
    return render(request, "confirm.html", context)


@requires(Permission.MANAGE_TOKENS)
@require_GET
def tokens(request: HttpRequest) -> HttpResponse:
    rows = IngestToken.objects.select_related("by").order_by("-at_utc", "-pk")
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "signals/tokens.html", {"page": page, "now": timezone.now()})


@requires(Permission.MANAGE_TOKENS)
@asks_again(Because.WAY_IN)
@require_http_methods(["GET", "POST"])
@never_cache
def new_token(request: HttpRequest) -> HttpResponse:
    """Makes a token and shows it once, on the answer itself: it is kept nowhere, not even in the session."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        try:
            token, whole = actions.make_token(
                name=said["name"], device_id=said["device_id"], device_prefix=said["device_prefix"],
                why_any_device=said["why_any_device"], expires_utc=_end_of(said["expires"]), by=user_of(request),
            )  # fmt: skip
        except Refused as refusal:
            form.add_refusal(refusal)
        else:
            return render(request, "signals/token-made.html", {"token": token, "whole": whole})
    return render(request, "signals/token-new.html", {"form": form, "back_href": reverse("signals:tokens")})


@requires(Permission.MANAGE_TOKENS)
@require_http_methods(["GET", "POST"])
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(IngestToken, pk=pk)
    if request.method == "POST":
        act_and_show(
            request, lambda: actions.revoke_token(token=token, by=user_of(request)),
            _("The token is revoked. What it sends is refused within seconds."),
        )  # fmt: skip
        return redirect("signals:tokens")
    context = {
        "title": _("Revoke the token %(name)s") % {"name": token.name},
        "text": _("What its device or gateway sends will be refused. This cannot be undone."),
        "confirm_text": _("Revoke"),
        "cancel_href": reverse("signals:tokens"),
        "danger": True,
    }
    return render(request, "confirm.html", context)


def _end_of(day: dt.date | None) -> dt.datetime | None:
    if day is None:
        return None
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(settings.LOCAL_TIME_ZONE))


def shown_text(raw: bytes) -> tuple[str, bool]:
    """The message as text for a page (JSON laid out, bytes that are no text in hexadecimal), and whether it was cut."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text or sum(not (c.isprintable() or c in "\r\n\t") for c in text[:2000]) > len(text[:2000]) // 10:
        lines = [raw[i : i + 16].hex(" ") for i in range(0, min(len(raw), SHOWN_CHARACTERS // 3), 16)]
        return "\n".join(lines), len(raw) > SHOWN_CHARACTERS // 3
    if len(text) <= SHOWN_CHARACTERS and text.lstrip().startswith(("{", "[")):
        with contextlib.suppress(ValueError, RecursionError):  # not JSON after all: as it came
            text = storable_text(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
    return text[:SHOWN_CHARACTERS], len(text) > SHOWN_CHARACTERS
