"""A database from before two hands were asked for: every version that was in force has somebody's word afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

CODE = """
import datetime as dt, json
import django; django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

def at(**targets):
    executor = MigrationExecutor(connection)
    executor.loader.build_graph()
    wanted = [(app, name) for app, name in targets.items()]
    executor.migrate(wanted)
    return MigrationExecutor(connection).loader.project_state(wanted).apps

old = at(orders="0008_approvals_and_checks", audit="0003_append_only")
User, Team = old.get_model("accounts", "User"), old.get_model("accounts", "Team")
Person, Order = old.get_model("people", "Person"), old.get_model("orders", "Order")
Version, Absence = old.get_model("orders", "OrderVersion"), old.get_model("orders", "Absence")
Entry = old.get_model("audit", "Entry")
team = Team.objects.create(name="North")
ann, ben = (User.objects.create(email=f"{n}@example.org", name=n, role="practitioner", team=team) for n in ("ann", "ben"))
person = Person.objects.create(reference="P000001", name="Ada", team=team)
order = Order.objects.create(reference="O000001", person=person, regime="community_order")
start = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

def version(number, **more):
    made = Version.objects.create(order=order, version=number, effective_from_utc=start + dt.timedelta(days=number), **more)
    return made.pk

pks = {
    "two hands": version(1, state="approved", made_by=ann, submitted_by=ann, decided_by=ben, decided_utc=start),
    "one hand": version(2, state="approved", made_by=ann, submitted_by=ann, decided_by=ann, decided_utc=start),
    "nobody's": version(3, state="approved"),
    "a draft": version(4, state="draft", made_by=ann),
}
Head = old.get_model("audit", "Head")
Head.objects.get_or_create(only_row=1)
Entry.objects.create(number=1, at_us=1, actor=f"user:{ben.pk}", role="", operation="alteration", what="order.approve",
    subject="P000001", details={"order": "O000001", "version": 1}, previous_seal="0" * 64, seal="1" * 64)
Head.objects.update(number=1, seal="1" * 64)
MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
from milepost.service.orders.models import OrderVersion
print(json.dumps({
    name: {
        "approved by": v.approval and v.approval.by.name, "entry": v.approval and v.approval.audit_number,
        "word": v.attestation and v.attestation.statement, "decided by": v.decided_by and v.decided_by.name,
        "state": v.state,
    }
    for name, pk in pks.items() for v in [OrderVersion.objects.get(pk=pk)]
}))
"""


@pytest.mark.slow
@pytest.mark.any_database
def test_what_was_in_force_before_has_an_approval_or_says_that_it_has_none(tmp_path):
    env = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tests.service.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/old.sqlite3", "MILEPOST_DATA": str(tmp_path),
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    became = json.loads(done.stdout.splitlines()[-1])
    assert became["two hands"] == {
        "approved by": "ben", "entry": 1, "word": None, "decided by": "ben", "state": "approved",
    }  # fmt: skip
    assert became["one hand"]["approved by"] is None
    assert became["one hand"]["decided by"] is None
    assert "by somebody who wrote in it" in became["one hand"]["word"]
    assert "nobody here approved it" in became["nobody's"]["word"]
    assert became["a draft"]["state"] == "draft"
    assert became["a draft"]["word"] is None
