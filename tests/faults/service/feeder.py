"""Devices that do not give up: each message is sent again until it is acknowledged, as real ones do."""

from __future__ import annotations

import random
import socket
import threading
import time
import uuid
from collections import deque

import paho.mqtt.client as paho
from benchmarks.service_http import Door
from paho.mqtt.enums import CallbackAPIVersion
from tests.faults.service.stories import Message


def broker_answers() -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", 1883)) == 0


class Feeder:
    """Sends ``messages`` in order over a few connections, no further than ``allowed`` (a share) lets it.

    Beyond that it repeats old ones, so that the service is never idle. ``acknowledged``: what was promised.
    """

    def __init__(self, port: int, token: str, messages: list[Message], prefix: str = "") -> None:
        self.port, self.token, self.prefix = port, token, prefix
        self.allowed = 0.0
        self.acknowledged: set[tuple[str, int]] = set()
        self.refusals: dict[str, int] = {}
        self.stop = threading.Event()
        by_http = [m for m in messages if m.path]
        self.by_http = [by_http[n::3] for n in range(3)]
        self.by_mqtt = [m for m in messages if m.topic]
        self.done = [0] * 4
        self._threads = [threading.Thread(target=self._http, args=(n,)) for n in range(3)]
        if self.by_mqtt and prefix:
            self._threads.append(threading.Thread(target=self._mqtt))
        self._sizes = [len(part) for part in self.by_http] + [len(self.by_mqtt) if prefix else 0]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> bool:
        """Lets all go out and waits for it. False: it did not all go out in time."""
        self.allowed = 1.0
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(
            done < size for done, size in zip(self.done, self._sizes, strict=True)
        ):
            time.sleep(0.1)
        self.stop.set()
        for thread in self._threads:
            thread.join()
        return all(done >= size for done, size in zip(self.done, self._sizes, strict=True))

    def _http(self, number: int) -> None:
        door, mine, chance = Door(self.port, self.token), self.by_http[number], random.Random(number)
        while not self.stop.is_set():
            at = self.done[number]
            fresh = at < len(mine) * self.allowed
            if not fresh and not at:
                time.sleep(0.05)
                continue
            message = mine[at] if fresh else mine[chance.randrange(at)]
            try:
                status = str(door.post(message.path, message.body, timeout_s=30))
            except OSError as error:
                status = type(error).__name__
            if status == "200":
                self.acknowledged.update(message.signals)
                self.done[number] += fresh
            else:
                self.refusals[status] = self.refusals.get(status, 0) + 1
                time.sleep(0.2)
            if not fresh:
                time.sleep(0.1)
        door.close()

    def _mqtt(self) -> None:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"pub-{uuid.uuid4().hex}")
        client.connect("127.0.0.1", 1883)
        client.loop_start()
        waiting: deque[tuple[paho.MQTTMessageInfo, Message]] = deque()
        while not self.stop.is_set():
            at = self.done[3]
            if at < len(self.by_mqtt) * self.allowed:
                message = self.by_mqtt[at]
                waiting.append((client.publish(self.prefix + message.topic, message.body, qos=1), message))
                waiting[-1][0].wait_for_publish(30)
                # The broker has it now: from here on it is the subscriber's to lose.
                self.acknowledged.update(message.signals)
                self.done[3] += 1
            time.sleep(0.01)
        client.loop_stop()
        client.disconnect()
