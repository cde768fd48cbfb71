"""A process that is warm judges small inputs with compiled code; until then loading it would cost more."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from milepost.compliance import compiled, kernel
from milepost.compliance.warm_up import warm_up


def test_small_inputs_are_judged_by_compiled_code_once_it_is_warm(monkeypatch):
    monkeypatch.setattr(compiled, "_warm", threading.Event())
    assert compiled.choose(10) is kernel
    assert compiled.choose(compiled.WORTH_COMPILING) is compiled.load()
    assert compiled.choose(10) is kernel, "one large file does not make the rest of them compiled"
    warm_up()
    assert compiled.choose(10) is compiled.load()


A_NIGHT_AFTER_WARMING_UP = """
from milepost.compliance import compiled, warm_up
from milepost.compliance.live_people import LivePeople
from milepost.compliance.rule_tables import read_rules
from milepost.tracks.record import Signals

def machine_code():
    passes = vars(compiled.load()).values()
    return {f.__name__: len(f.signatures) for f in passes if hasattr(f, "signatures")}

if {warm}:
    warm_up.warm_up_live()
before = machine_code()
begin_us = int(warm_up.NIGHT.timestamp()) * 1_000_000
live = LivePeople(read_rules(), history=lambda devices, from_us: Signals())
live.put(warm_up._orders(), begin_us=begin_us, now_us=begin_us, settled=[])
for hour in (1, 2):
    until_us = begin_us + hour * 3_600_000_000
    live.ingest(warm_up._out_for_an_hour(begin_us), now_us=until_us)
print(sum(machine_code().values()) - sum(before.values()), live.findings_of(["nobody"]) != [])
"""


@pytest.mark.parametrize("warm", [True, False])
def test_the_first_signal_of_a_warm_worker_waits_for_no_compiler(warm: bool):
    program = A_NIGHT_AFTER_WARMING_UP.replace("{warm}", str(warm))
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    compiled_then, found = said.split()
    assert found == "True"
    assert (int(compiled_then) == 0) is warm
