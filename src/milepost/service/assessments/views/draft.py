"""A version being written: its task list, its sections, the judgement, the scores before signing."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milepost.service.accounts.about import about, look_of
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.assessments import policies
from milepost.service.assessments.actions import deciding, drafts
from milepost.service.assessments.forms.judgement import JudgementForm
from milepost.service.assessments.forms.other import SignForm
from milepost.service.assessments.forms.section import SectionForm
from milepost.service.assessments.harm import GROUPS, LEVELS, MEANS
from milepost.service.assessments.models import Assessment, AssessmentState, Judgement
from milepost.service.assessments.progress import progress_of
from milepost.service.assessments.score_page import live_scores, live_tier
from milepost.service.assessments.standing import standing
from milepost.service.assessments.states import EDITABLE
from milepost.service.assessments.views.base import address, find_assessment, page
from milepost.service.assessments.vocabulary import Section, translated
from milepost.service.assessments.vocabulary import section as find_section
from milepost.service.assessments.work_out import sex_of, work_out
from milepost.service.kit.refusals import Refused
from milepost.service.web.notices import act_and_show, show_refusal


@about(find_assessment, "assessment.draft", Permission.WRITE_ASSESSMENTS)
@require_safe
def task_list(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    if assessment.state not in EDITABLE:
        return redirect(address(assessment, "version"))
    progress = progress_of(assessment)
    return render(request, "assessments/draft.html", page(
        assessment.person, assessment=assessment, progress=progress, sex=sex_of(assessment.person),
        judged=assessment.state == AssessmentState.JUDGED,
    ))  # fmt: skip


def _section(key: str) -> Section:
    try:
        return find_section(key)
    except KeyError:
        raise Http404 from None


def _go_on(assessment: Assessment, key: str) -> HttpResponse:
    """To the section after this one in which there is something to do; then to the judgement, then to the scores."""
    if following := progress_of(assessment).after(key):
        return redirect(address(assessment, "section", key=following))
    judged = assessment.state == AssessmentState.JUDGED
    return redirect(address(assessment, "scores" if judged else "judgement"))


@about(find_assessment, "assessment.section", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, assessment: Assessment, key: str) -> HttpResponse:
    user = user_of(request)
    if assessment.state not in EDITABLE:
        return redirect(address(assessment, "version"))
    found = _section(key)
    every = list(assessment.answers.all())
    here = {question.key for question in found.questions}
    answers = {a.question: a for a in every if a.question in here}
    form = SectionForm(
        request.POST or None, section=found, answers=answers, initial={"revision": assessment.revision}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            n = drafts.answer(
                by=user, assessment=assessment, revision=data["revision"], section_key=key, given=form.given(),
                source=data["source"], source_name=data["source_name"], as_of=data["as_of"], note=data["note"],
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, ngettext("%(n)d answer saved.", "%(n)d answers saved.", n) % {"n": n})
            return _go_on(assessment, key) if "go_on" in request.POST else redirect(address(assessment))
    progress = progress_of(assessment, every)
    place = next(n for n, part in enumerate(progress.sections, 1) if part.section.key == key)
    return render(request, "assessments/section.html", page(
        assessment.person, assessment=assessment, section=found, form=form, place=place,
        here=progress.sections[place - 1], of_sections=len(progress.sections),
        standing=standing(assessment, found, every),
    ))  # fmt: skip


@about(find_assessment, "assessment.section", Permission.WRITE_ASSESSMENTS)
@require_POST
def confirm_section(request: HttpRequest, assessment: Assessment, key: str) -> HttpResponse:
    """Nothing has changed in this section: all that waits in it is confirmed at once, as it was shown."""
    found = _section(key)
    given = request.POST.get("revision", "")
    revision = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1
    try:
        confirmed = drafts.confirm(
            by=user_of(request), assessment=assessment, revision=revision, section_key=key
        )
    except Refused as refused:
        show_refusal(request, refused)
        return redirect(address(assessment, "section", key=key))
    messages.success(
        request,
        ngettext("%(section)s: %(n)d answer confirmed.", "%(section)s: %(n)d answers confirmed.", confirmed)
        % {"n": confirmed, "section": translated(found.title)},
    )
    part = next(part for part in progress_of(assessment).sections if part.section.key == key)
    if part.open_needed:
        return redirect(address(assessment, "section", key=key))
    return _go_on(assessment, key)


@about(find_assessment, "assessment.judgement", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def judgement(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    if assessment.state not in EDITABLE:
        return redirect(address(assessment, "version"))
    before = assessment.judgements.last()
    form = JudgementForm(request.POST or None, before=before, initial={"revision": assessment.revision})
    if request.method == "POST" and form.is_valid():
        try:
            deciding.judge(by=user_of(request), assessment=assessment, **form.cleaned_data)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            messages.success(request, _("Your judgement is recorded. The scores can be seen now."))
            progress = progress_of(assessment)
            waits = progress.unconfirmed or progress.open_needed or progress.errors
            return redirect(address(assessment, "task-list" if waits else "scores"))
    return render(request, "assessments/judgement.html", page(
        assessment.person, assessment=assessment, form=form, levels=LEVELS, means=MEANS,
        seen=assessment.state == AssessmentState.JUDGED, groups=GROUPS, earlier=_earlier(assessment),
    ))  # fmt: skip


def _earlier(assessment: Assessment) -> Judgement | None:
    """What was judged in the version before."""
    if assessment.supersedes is None:
        return None
    return assessment.supersedes.judgements.select_related("by").last()


@about(find_assessment, "assessment.scores", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def scores(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """The scores of what is written so far, and the signature. Refused, in words, until somebody has judged."""
    user = user_of(request)
    if assessment.state not in EDITABLE:
        return redirect(address(assessment, "version"))
    try:
        policies.check_may_see_scores(assessment, user)
    except Refused as refused:
        look_of(request).what = "assessment.scores_refused"
        return render(request, "assessments/scores-refused.html", page(
            assessment.person, assessment=assessment, why=str(refused)
        ))  # fmt: skip
    form = SignForm(request.POST or None, initial={"revision": assessment.revision})
    if request.method == "POST" and form.is_valid():
        try:
            signed = deciding.sign(by=user, assessment=assessment, revision=form.cleaned_data["revision"])
        except Refused as refused:
            form.add_refusal(refused)
        else:
            waits = signed.state == AssessmentState.AWAITING
            said = _("Signed. It waits for a second person.") if waits else _("Signed. It is in force.")
            messages.success(request, said)
            return redirect(address(signed, "version"))
    answers = list(assessment.answers.all())
    progress = progress_of(assessment, answers)
    worked = work_out(assessment, answers)
    judgements = list(assessment.judgements.select_related("by"))
    return render(request, "assessments/scores.html", page(
        assessment.person, assessment=assessment, form=form, scores=live_scores(worked), tier=live_tier(worked),
        levels=list(worked.levels.values()), judgements=judgements, groups=GROUPS, progress=progress,
        because=deciding.reasons_to_countersign(judgements), sex=sex_of(assessment.person),
        can_sign=policies.can_sign(
            assessment, user, open_questions=progress.open_needed, unconfirmed=progress.unconfirmed,
            errors=progress.errors,
        ),
    ))  # fmt: skip


@about(find_assessment, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    if request.method == "POST":
        discarded = act_and_show(
            request, lambda: deciding.discard(by=user_of(request), assessment=assessment),
            _("The draft is discarded."),
        )  # fmt: skip
        if discarded:
            return redirect("assessments:of-person", reference=assessment.person.reference)
        return redirect(address(assessment, "version"))
    return render(request, "confirm.html", {
        "title": _("Discard this draft?"), "text": _("It is kept in the history, and can never take effect."),
        "confirm_text": _("Discard the draft"), "cancel_href": address(assessment), "danger": True,
    })  # fmt: skip


@about(find_assessment, "assessment.form", Permission.WRITE_ASSESSMENTS)
@require_POST
def take_back(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    taken = act_and_show(
        request, lambda: deciding.take_back(by=user_of(request), assessment=assessment),
        _("It is yours again to change and sign."),
    )  # fmt: skip
    return redirect(address(assessment) if taken else address(assessment, "version"))
