"""Processes that belong together: started, started again when they die, stopped together, never left behind.

A child is given a pipe as its standard input and ends when the pipe does (``watch_parent``): so it goes down
with its parent even where the parent is killed and can say nothing.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from milepost.service.kit.files import append_to, make_folder

log = logging.getLogger("milepost.supervise")
CHILD = "MILEPOST_CHILD"
"""Set in the environment of children: they watch their standard input."""
FIRST_WAIT_S, LONGEST_WAIT_S, STEADY_S = 1.0, 30.0, 60.0
"""A child that dies is started again after the first wait; twice as long each time, up to the longest; one that
ran steadily for a while begins again with the first."""
GRACE_S = 25.0
"""How long children have to end by themselves when they are asked to."""


@dataclass(slots=True)
class Child:
    """One process: ``milepost <arguments>``, or another ``module`` of ours. It inherits the files in ``fds``."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    module: str = "milepost"
    fds: Sequence[int] = ()
    log_file: Path | None = None
    steady_s: float = STEADY_S
    once: bool = False
    """True: when it ends well, that is the end of it, and it is not started again."""
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    wait_s: float = FIRST_WAIT_S
    again_s: float = 0.0
    restarts: int = 0
    done: bool = False


class Family:
    """The children of this process. Call ``start``, then ``mind`` until it is time to ``stop``."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self.stopping = threading.Event()

    def start(self) -> None:
        for child in self.children:
            self._start(child)

    def run(self, each_s: float = 0.5, also: Callable[[], None] = lambda: None) -> None:
        """Until ``stopping`` is set: minds the children, and calls ``also`` each time."""
        try:
            while not self.stopping.wait(each_s):
                self.mind()
                also()
        finally:
            self.stop()

    def mind(self) -> None:
        """Starts again whoever died, each after its own wait."""
        now = time.monotonic()
        for child in self.children:
            if child.done:
                continue
            if child.process is not None and child.process.poll() is not None:
                code, ran_s = child.process.returncode, now - child.started_s
                child.process = None
                if child.once and code == 0:
                    child.done = True
                    continue
                child.wait_s = (
                    FIRST_WAIT_S if ran_s >= child.steady_s else min(child.wait_s * 2, LONGEST_WAIT_S)
                )
                child.again_s = now + child.wait_s
                log.warning(
                    "a process ended and is started again",
                    extra={"worker": child.name, "count": child.restarts, "reason": f"exit {code}"},
                )
            if child.process is None and now >= child.again_s:
                child.restarts += child.started_s > 0
                self._start(child)

    def stop(self) -> None:
        """Asks everyone to end, the last started first; kills whoever does not within the grace."""
        self.stopping.set()
        alive = [c for c in reversed(self.children) if c.process is not None]
        for child in alive:
            assert child.process is not None
            if child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + GRACE_S
        for child in alive:
            assert child.process is not None
            try:
                child.process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                log.error("a process did not end and was killed", extra={"worker": child.name})
                child.process.kill()
                child.process.wait()
            child.process = None

    def _start(self, child: Child) -> None:
        child.started_s = time.monotonic()
        output: IO[bytes] | None = None
        if child.log_file is not None:
            make_folder(child.log_file.parent)
            output = append_to(child.log_file)
        try:
            child.process = subprocess.Popen(
                [sys.executable, "-m", child.module, *child.arguments],
                pass_fds=tuple(child.fds),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**os.environ, **child.environment, CHILD: "yes"},
                start_new_session=True,  # Ctrl-C reaches the parent alone, which then asks them in order
            )
        finally:
            if output is not None:
                output.close()


def watch_parent() -> None:
    """Ends this process when its parent does. Does nothing in a process that is nobody's child."""
    if os.environ.pop(CHILD, "") != "yes":
        return

    def wait_for_the_end() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_S)
        os._exit(1)

    threading.Thread(target=wait_for_the_end, daemon=True, name="watch-parent").start()


def stop_on_signals(stopping: threading.Event) -> None:
    """SIGTERM and SIGINT set ``stopping``; a second one ends the process the hard way."""

    def stop(number: int, frame: object) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
