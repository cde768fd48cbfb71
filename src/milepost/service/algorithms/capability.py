"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.accounts.roles import Role
from milepost.service.kit.declaration import Addresses, Capability, Entry, FirstPage, Records, Retention

CAPABILITY = Capability(
    addresses=(Addresses("algorithms/", "milepost.service.algorithms.urls"),),
    navigation=(
        Entry(_("Scores and rules in use"), "algorithms:list", P.VIEW_ALGORITHMS, 90, covers=("algorithms",)),
    ),
    first_pages=(FirstPage("algorithms:list", (Role.ANALYST,), 10),),
    records=(Records("outcomes", "algorithms.Outcome", "person", 180),),
    retention=(
        Retention(
            "outcomes", _("Outcomes, to judge scores by"), "milepost.service.algorithms.retention:outcomes"
        ),
    ),
    algorithms=("milepost.service.algorithms.predictors:register_records",),
    audit={
        "fairness.csv": _("Downloaded figures on fairness"),
        "fairness.page": _("Compared groups of people to see if scores and decisions are fair"),
        "outcomes.take_in": _("Imported a file of what happened to people later"),
        "outcomes.withdraw": _("Withdrew a file of outcomes"),
        "predictor.alarm": _("A limit on a predictor was passed"),
        "predictor.answer": _("Answered an alarm of a predictor"),
        "predictor.ask": _("Asked that a predictor may take a step"),
        "predictor.confirm": _("Confirmed a step of a predictor"),
        "predictor.move": _("Moved a predictor on"),
        "predictor.refuse": _("Did not confirm a step of a predictor"),
        "predictor.watch": _("A predictor was compared with what happened"),
    },
)
