"""The task list of a draft and its sections; checks, submit, discard."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.orders import model as shape
from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.orders import draft_document as doc
from milepost.service.orders import policies, sections
from milepost.service.orders.actions import deciding, drafts
from milepost.service.orders.address_source import address_source_words
from milepost.service.orders.draft_checks import SECTION_OF_KIND, check_draft
from milepost.service.orders.draft_map import map_of
from milepost.service.orders.forms.order import SubmitForm, TermsForm
from milepost.service.orders.models import OrderVersion
from milepost.service.orders.summary import KIND_WORDS, REGIME_WORDS, describe_shape, summarise
from milepost.service.orders.terms import draft_version
from milepost.service.orders.views.find import find_draft
from milepost.service.orders.views.lists import STATE_COLOURS, STATE_WORDS
from milepost.service.orders.views.order import preview_context, preview_of
from milepost.service.web.notices import act_and_show, show_refusal

ADDS = {
    "curfew": ("curfew",), "zones": ("exclusion_zone",), "attendance": ("attendance",), "alcohol": ("alcohol",),
    "trail": ("trail", "charge_and_wear"),
}  # fmt: skip


def draft_address(version: OrderVersion, view: str = "orders:draft", **more: Any) -> str:
    return reverse(view, kwargs={"reference": version.order.reference, "number": version.version, **more})


def page(version: OrderVersion, **more: Any) -> dict[str, Any]:
    return {"order": version.order, "version": version, "states": STATE_WORDS, "colours": STATE_COLOURS,
            "regimes": REGIME_WORDS, **more}  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_safe
def task_list(request: HttpRequest, version: OrderVersion) -> HttpResponse:
    if not policies.can_edit(version, user_of(request)):
        return redirect("orders:version", reference=version.order.reference, number=version.version)
    answers = check_draft(version)
    listed = sections.states_of(version, answers)
    adds = {section.name: adding for section in listed if (adding := _adding(version, section.name))}
    errors = sum(answer.level == "error" for answer in answers)
    return render(request, "orders/draft.html", page(
        version, adds=adds, sections=listed, answers=answers, errors=errors, done=sum(s.done for s in listed),
        can_discard=policies.can_discard(version, user_of(request)),
    ))  # fmt: skip


def _adding(version: OrderVersion, section: str) -> str:
    """Where an empty section that holds one kind of thing begins: with the form for the first one. "" for the others."""
    if section in version.sections_done or sections.count_in(version, section):
        return ""
    if section == "places":
        return draft_address(version, "orders:place-add")
    kinds = ADDS.get(section, ())
    needs_place = section in ("curfew", "attendance") and not version.document.get("places")
    return (
        draft_address(version, "orders:condition-add", kind=kinds[0])
        if len(kinds) == 1 and not needs_place
        else ""
    )


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, version: OrderVersion) -> HttpResponse:
    form = TermsForm(request.POST or None, initial=TermsForm.initial_of(version))
    if request.method == "POST" and form.is_valid():
        try:
            drafts.save_draft(
                by=user_of(request), version=version, section="order", terms=form.terms(version.terms),
                effective_from_utc=form.effective_from_utc(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            empty = not version.document.get("places") and not version.document.get("conditions")
            return redirect(draft_address(version, "orders:place-add") if empty else draft_address(version))
    return render(request, "orders/section_form.html", page(
        version, form=form, title=_("The order"), cancel=draft_address(version),
        # Before anything was saved here, what is missing is no mistake of anybody's.
        answers=_answers(version, "order") if version.effective_from_utc else [],
    ))  # fmt: skip


def _answers(version: OrderVersion, section: str) -> list[Any]:
    return [answer for answer in check_draft(version) if answer.section == section]


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_safe
def section(request: HttpRequest, version: OrderVersion, part: str) -> HttpResponse:
    """What a section holds, with what the checks say of it."""
    if part not in sections.SECTIONS or part in ("order", "documents"):
        raise Http404
    title, hint = sections.SECTIONS[part]
    read = draft_version(version)
    return render(request, "orders/section.html", page(
        version, name=part, title=title, hint=hint, answers=_answers(version, part),
        items=_places(read) if part == "places" else _conditions(read, part),
        adds=[(kind, KIND_WORDS[shape.ConditionKind(kind)]) for kind in ADDS.get(part, ())],
        done=part in version.sections_done, editable=policies.can_edit(version, user_of(request)),
        has_places=bool(read.places),
    ))  # fmt: skip


def _places(read: shape.OrderVersion) -> list[dict[str, Any]]:
    return [
        {"id": place.id, "title": place.name or place.id,
         "sentences": [s for s in (place.address, describe_shape(place) or _("Position not known"),
                                 address_source_words(place)) if s]}
        for place in read.places
    ]  # fmt: skip


def _conditions(read: shape.OrderVersion, name: str) -> list[dict[str, Any]]:
    return [{"id": words.id, "title": words.title, "sentences": words.sentences}
            for words in summarise(read) if SECTION_OF_KIND[words.kind] == name]  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_POST
def mark_section(request: HttpRequest, version: OrderVersion, part: str) -> HttpResponse:
    if part not in sections.SECTIONS:
        raise Http404
    done = set(version.sections_done) ^ {part}
    try:
        drafts.save_draft(by=user_of(request), version=version, section=part, sections_done=sorted(done))
    except Refused as refused:
        show_refusal(request, refused)
    return redirect(draft_address(version))


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, version: OrderVersion) -> HttpResponse:
    """Everything on one page: what it says, what it means, what is wrong; then submit."""
    answers = check_draft(version)
    errors = [answer for answer in answers if answer.level == "error"]
    warnings = [answer for answer in answers if answer.level == "warning"]
    form = SubmitForm(request.POST if request.method == "POST" else None, warnings=warnings)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            deciding.submit(by=user_of(request), version=version, read=data.get("read") or [],
                            reason=data.get("reason") or "")  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("Sent for approval. Somebody else must approve it."))
            return redirect("orders:order", reference=version.order.reference)
    read = draft_version(version)
    return render(request, "orders/check.html", page(
        version, form=form, errors=errors, warnings=warnings, conditions=summarise(read), places=_places(read),
        shown=map_of(version), can_submit=policies.can_submit(version, user_of(request)),
        **preview_context(preview_of(version.order, version)),
    ))  # fmt: skip


@about(find_draft, "order.draft", Permission.EDIT_ORDERS)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, version: OrderVersion) -> HttpResponse:
    if request.method == "POST":
        discarded = act_and_show(
            request,
            lambda: drafts.discard(by=user_of(request), version=version),
            _("The draft is discarded."),
        )
        if discarded:
            return redirect("orders:order", reference=version.order.reference)
        return redirect("orders:version", reference=version.order.reference, number=version.version)
    return render(request, "confirm.html", {
        "title": _("Discard this draft?"), "text": _("It is kept in the history, and can never take effect."),
        "confirm_text": _("Discard the draft"), "cancel_href": draft_address(version), "danger": True,
    })  # fmt: skip


def all_places(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Id and name of each place of a draft: the choices of a form."""
    return [(p["id"], p.get("name") or p.get("address") or p["id"]) for p in doc.parts(document, "places")]
