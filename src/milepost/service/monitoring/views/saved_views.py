"""The user's own views of the board: saved and removed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from milepost.service.accounts.access import requires, user_of
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import actions
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.forms import SaveViewForm
from milepost.service.monitoring.models import SavedView


@requires(Permission.VIEW_BOARD)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    form, filters = SaveViewForm(request.POST, prefix="v"), Filters.of_words(request.POST.get("query", ""))
    onward = f"{reverse('monitoring:board')}?{filters.to_save or 'view=all'}"
    if not form.is_valid():
        messages.error(request, _("Enter a name for the view."))
        return redirect(onward)
    try:
        actions.save_view(by=user_of(request), query=filters.to_save, **form.cleaned_data)
        messages.success(request, _("The view is saved."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(onward)


@requires(Permission.VIEW_BOARD)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=user_of(request))
    actions.drop_view(by=user_of(request), view=view)
    messages.success(request, _("The view is removed."))
    return redirect(f"{reverse('monitoring:board')}?view=all")
