"""Writes ``docs/reference/roles.md`` from the table of rights in the code.

``python tools/roles_reference.py`` writes it; a test fails while the page is not current.
"""

from __future__ import annotations

from pathlib import Path

from milepost.service.accounts.roles import ROLES, Permission, Reach, Role

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "roles.md"
HEAD = """# Roles

This page is made from `src/milepost/service/accounts/roles.py` by `make reference`, and tested to be current.

A user has one role. The role says what they may do (permissions) and whose records they see (reach). There is no
superuser. What a user may not see is not there: the answer is "not found". What their role does not include is
refused, and the refusal is in the audit log. A restricted record is seen only by those who are named on it,
whatever their reach.
"""
REACH = {
    Reach.OWN_PRISON: "everyone whom their prison holds",
    Reach.OWN_RECORD: "their own record",
    Reach.NOBODY: "nobody's record",
    Reach.OWN_TEAM: "people of their own team",
    Reach.ON_TAG: "everyone who wears a tag, in every team",
    Reach.EVERYONE: "everyone",
}
PERMISSIONS = {
    Permission.VIEW_PEOPLE: "See the records of people within reach",
    Permission.ASK_EXCEPTIONAL_ACCESS: "See a person outside reach for a day, with a reason that is logged and reviewed",
    Permission.EDIT_PEOPLE: "Change a person's details",
    Permission.ALLOCATE_PEOPLE: "Allocate people to teams and practitioners",
    Permission.WRITE_NOTES: "Write notes",
    Permission.VIEW_ORDERS: "See orders",
    Permission.EDIT_ORDERS: "Draft orders and vary them",
    Permission.APPROVE_ORDERS: "Approve orders",
    Permission.CHECK_IMPORTS: "Check what imports bring of people whom their sender does not see",
    Permission.FIT_DEVICES: "Fit devices and take them off",
    Permission.AUTHORISE_ABSENCES: "Authorise absences",
    Permission.VIEW_BOARD: "See the alert board",
    Permission.DECIDE_INCIDENTS: "Decide alerts",
    Permission.SECOND_DECISIONS: "Confirm, as a second person, a decision that needs two",
    Permission.VIEW_TRAILS: "See location histories, with a reason",
    Permission.EXPORT_TRAILS: "Take location histories out, with a reason",
    Permission.VIEW_QUARANTINE: "See signals that were not understood",
    Permission.REPLAY_QUARANTINE: "Have such signals read again, or set aside",
    Permission.MANAGE_TOKENS: "Make and revoke tokens of devices and systems",
    Permission.MANAGE_USERS: "Manage users and teams",
    Permission.VIEW_AUDIT: "Ask who looked at or changed what",
    Permission.VIEW_RULES: "See the rule tables in force",
    Permission.MANAGE_WEBHOOKS: "Say which systems are told of events",
    Permission.VIEW_TODAY: "See their own list of today's work",
    Permission.VIEW_TEAM_WORK: "See the team's lists and workload, and hand work on",
    Permission.VIEW_ASSESSMENTS: "See assessments",
    Permission.WRITE_ASSESSMENTS: "Write, sign and correct assessments",
    Permission.COUNTERSIGN_ASSESSMENTS: "Countersign assessments and overrides",
    Permission.VIEW_ALGORITHMS: "See scores, rules and predictors in use: records, fairness, drift",
    Permission.MANAGE_ALGORITHMS: "Register predictors, watch them in shadow, approve and retire them",
}


def render() -> str:
    """The whole page. Raises KeyError for a permission or reach that has no words here yet."""
    lines = [HEAD, "## Who they are", "", "| role | for | sees |", "|---|---|---|"]
    lines += [f"| {ROLES[r].title} (`{r}`) | {ROLES[r].purpose} | {REACH[ROLES[r].reach]} |" for r in Role]
    lines += ["", "## What each may do", "", "| | " + " | ".join(str(ROLES[r].title) for r in Role) + " |"]
    lines.append("|---|" + ":-:|" * len(Role))
    for permission in Permission:
        marks = " | ".join("yes" if permission in ROLES[r].permissions else "–" for r in Role)
        lines.append(f"| {PERMISSIONS[permission]} (`{permission}`) | {marks} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.service.settings")
    django.setup()
    PAGE.write_text(render(), encoding="utf-8")
