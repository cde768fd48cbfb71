"""What `serve` refuses, and that a family of processes is minded and never left behind."""

from __future__ import annotations

from itertools import pairwise

import click
import pytest

from milepost.service import serve, supervise


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8"])
def test_loopback_is_always_allowed(host, settings):
    settings.DEMO, settings.BEHIND_TLS = True, False
    serve.check_address(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.4", "milepost.example.org", "127.0.0.1.example.org"]
)
def test_the_demo_answers_to_this_machine_alone(host, settings):
    settings.DEMO, settings.BEHIND_TLS = True, True
    with pytest.raises(click.ClickException, match="demo mode lets anybody sign in"):
        serve.check_address(host)


def test_without_tls_nobody_else_is_served(settings):
    settings.DEMO, settings.BEHIND_TLS = False, False
    with pytest.raises(click.ClickException, match="MILEPOST_TLS is off"):
        serve.check_address("0.0.0.0")
    settings.BEHIND_TLS = True
    serve.check_address("0.0.0.0")


class Ends:
    """A process that has ended with this code."""

    def __init__(self, code: int) -> None:
        self.returncode = code

    def poll(self) -> int:
        return self.returncode


@pytest.fixture
def family(monkeypatch):
    """One child, a clock that the test moves, and what was started."""
    clock, started = [1000.0], []
    monkeypatch.setattr(supervise.time, "monotonic", lambda: clock[0])

    def start(self, child):
        child.started_s = clock[0]
        started.append(clock[0])
        child.process = Ends(1)

    monkeypatch.setattr(supervise.Family, "_start", start)
    return supervise.Family([supervise.Child("engine", ["work"])]), clock, started


def test_who_dies_again_and_again_is_started_ever_later(family):
    one, clock, started = family
    one.start()
    for _ in range(1200):
        one.mind()
        clock[0] += 0.1
    waits = [b - a for a, b in pairwise(started)]
    assert waits[0] == pytest.approx(2, abs=0.2)
    assert waits == sorted(waits)
    assert max(waits) == pytest.approx(30, abs=0.3)


def test_who_ended_well_and_was_to_run_once_is_left_alone(family):
    one, clock, started = family
    one.children[0].once = True
    one.start()
    one.children[0].process = Ends(0)
    for _ in range(100):
        one.mind()
        clock[0] += 1
    assert len(started) == 1
    assert one.children[0].done
