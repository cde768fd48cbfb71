"""The rules in force, as anybody who works by them may read them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from milepost.service.accounts.access import requires
from milepost.service.accounts.roles import Permission
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.monitoring import words
from milepost.service.monitoring.policy_data import contact_codes, decision_policy, reasons


@requires(Permission.VIEW_RULES)
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    tables = rules_in_force().tables
    context = {
        "tables": tables,
        "policy": decision_policy(),
        "reasons": reasons(),
        "contact_codes": contact_codes(),
        "words": words,
        "illustrative": any(t.table.illustrative for t in tables),
    }
    return render(request, "monitoring/rules.html", context)
