"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.kit.declaration import Addresses, Capability, Command, DailyJob, Entry

CAPABILITY = Capability(
    addresses=(Addresses("upkeep/", "milepost.service.upkeep.urls"),),
    navigation=(Entry(_("System status"), "upkeep:status", P.MANAGE_USERS, 120),),
    commands=(
        Command(
            "upkeep", "milepost.service.upkeep.commands:group", "Back up, restore, retain, erase one person."
        ),
    ),
    kept_for_good="Numbers and codes of what upkeep did: an erasure has to be told after it, too.",
    daily_jobs=(
        DailyJob("retention", "milepost.service.upkeep.retention:each_day"),
        DailyJob("modes", "milepost.service.upkeep.commands:tighten_data"),
        DailyJob("watch", "milepost.service.upkeep.watch:watch_predictors"),
    ),
    audit={
        "person.erase": _("Erased a person everywhere"),
        "person.erase_begin": _("Started to erase a person everywhere"),
        "upkeep.retention_begin": _("Started to erase what had been kept long enough"),
        "upkeep.rewrite": _("Rebuilt tables after an erasure"),
        "upkeep.backup": _("Made a backup"),
        "upkeep.restore": _("Restored a backup"),
        "upkeep.retention": _("Erased what had been kept long enough"),
        "upkeep.roll": _("Moved past days into the archive"),
    },
)
