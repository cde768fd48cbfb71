"""Every command of docs/how-to/api.md is run against a service; the receiver of docs/how-to/webhooks.md is tried."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest

from milepost.service.api.webhooks.sealing import signature
from milepost.service.monitoring.models import Incident
from milepost.service.monitoring.policy_data import reasons
from tests.docs.docs_blocks import ROOT, blocks_of, pattern_of
from tests.service.api.conftest import Caller, make_incident
from tests.service.world import make_world


def blocks(name: str):
    return list(blocks_of((ROOT / "docs" / "how-to" / name).read_text(encoding="utf-8")))


def steps(body: str):
    """(command, what it prints) of a console block."""
    for part in body.split("$ curl")[1:]:
        command, _, printed = ("curl" + part).partition("\n")
        yield command, printed


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_page_do_what_it_says(live_server):
    world = make_world()
    caller = Caller(world.nora)
    incident = make_incident(world.ada)
    reason = reasons().of("no_action")[0].code
    surroundings = os.environ | {
        "TOKEN": caller.whole,
        "MILEPOST": live_server.url + "/api/v1",
        "no_proxy": "*",
    }
    done = 0
    for block in (b for b in blocks("api.md") if b.language == "console"):
        for command, printed in steps(block.body):
            command = command.replace("REASON", reason).replace("/incidents/1", f"/incidents/{incident.pk}")
            ran = subprocess.run(
                ["bash", "-c", command], capture_output=True, text=True, env=surroundings, timeout=30
            )
            printed = printed.replace('"incident": 1,', f'"incident": {incident.pk},')
            told = ran.stdout.replace("\r", "").rstrip() + "\n"
            assert pattern_of(printed).fullmatch(told), f"{command}\n{told}"
            done += 1
    assert done == 11
    assert Incident.objects.get().state == "decided"


@pytest.fixture(scope="module")
def is_genuine():
    code = next(b.body for b in blocks("webhooks.md") if b.language == "python")
    names: dict[str, object] = {}
    exec(compile(code, "receiver.py", "exec"), names)
    return names["is_genuine"]


def test_the_documented_receiver_takes_ours_and_no_other(is_genuine):
    now, body, secret = int(time.time()), b'{"event":"device.fitted"}', "whsec_x"
    ours = signature(secret, now, body)
    assert is_genuine(secret, ours, body)
    assert not is_genuine("whsec_y", ours, body)
    assert not is_genuine(secret, ours, body + b" ")
    assert not is_genuine(secret, ours.replace(f"t={now}", f"t={now + 1}"), body)
    assert not is_genuine(secret, signature(secret, now - 301, body), body)  # replayed
    for forged in ("", "t=,v1=", "v1=" + "0" * 64, f"t={now}", "t=x,v1=é", f"t={now},v1=é"):
        assert not is_genuine(secret, forged, body)
