"""The MQTT subscriber against a real broker at 127.0.0.1:1883."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid

import paho.mqtt.client as paho
import pytest
from django.db import OperationalError, connections
from paho.mqtt.enums import CallbackAPIVersion

from milepost.service.signals import mqtt, writing
from milepost.service.signals.models import DeviceEvent, Fix, QuarantinedMessage
from milepost.service.signals.mqtt import Arrived, Subscriber, UnusableUrl, device_of

URL = "mqtt://127.0.0.1:1883"
NOW_S = int(time.time())


def broker_answers() -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", 1883)) == 0


needs_broker = [
    pytest.mark.mqtt,
    pytest.mark.skipif(
        not broker_answers(), reason="NO MQTT BROKER at 127.0.0.1:1883: the subscriber is not tested"
    ),
]


def location(n=0, **more):
    return json.dumps({"_type": "location", "tst": NOW_S - n, "lat": 53.7, "lon": 1.7, "acc": 8, **more})


class Town:
    """A subscriber on topics of its own, and somebody who publishes to them."""

    def __init__(self) -> None:
        self.prefix, self.client_id = f"test-{uuid.uuid4().hex}/", f"test-{uuid.uuid4().hex}"
        self.publisher = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"pub-{uuid.uuid4().hex}")
        self.publisher.connect("127.0.0.1", 1883)
        self.publisher.loop_start()
        self.subscriber: Subscriber | None = None

    def start(self) -> None:
        self.written = 0
        ready = threading.Event()
        self.subscriber = Subscriber(URL, client_id=self.client_id, prefix=self.prefix, on_written=self.count)
        self.subscriber.client.on_subscribe = lambda *_: ready.set()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert ready.wait(10), "no subscription"

    def _run(self) -> None:
        try:
            self.subscriber.run()
        finally:
            connections.close_all()

    def count(self, n: int) -> None:
        self.written += n

    def stop(self) -> None:
        self.subscriber.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def publish(self, topic: str, payload: str) -> None:
        self.publisher.publish(self.prefix + topic, payload, qos=1).wait_for_publish(10)

    def wait_for(self, n: int) -> None:
        until = time.monotonic() + 15
        while self.written < n and time.monotonic() < until:
            time.sleep(0.01)
        assert self.written == n

    def end(self) -> None:
        if self.thread.is_alive():
            self.stop()
        forget = paho.Client(CallbackAPIVersion.VERSION2, client_id=self.client_id, protocol=paho.MQTTv5)
        forget.connect("127.0.0.1", 1883, clean_start=True)  # the broker need not keep the session
        forget.disconnect()
        self.publisher.disconnect()
        self.publisher.loop_stop()


@pytest.fixture
def written(monkeypatch):
    """What the subscriber would have written; the tests' database belongs to another thread."""
    seen = []

    def write(group):
        seen.extend(group)
        return [writing.Outcome(accepted=1) for _ in group]

    monkeypatch.setattr(mqtt, "write_all", write)
    return seen


@pytest.fixture
def town():
    made = Town()
    yield made
    made.end()


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("owntracks/jane/phone", "jane/phone"), ("owntracks/jane/phone/event", "jane/phone"),
        ("owntracks/jane/phone/cmd", None), ("owntracks/jane", None), ("owntracks//phone", None),
        ("other/jane/phone", None), ("owntracks/" + "x" * 80 + "/phone", None),
    ],
)  # fmt: skip
def test_a_topic_names_its_device(topic, device):
    assert device_of(topic) == device


@pytest.mark.parametrize("url", ["", "127.0.0.1", "http://x", "mqtt://", "mqtt://x:99999"])
def test_an_address_that_cannot_be_used_is_told(url):
    with pytest.raises(UnusableUrl, match="mqtt://"):
        Subscriber(url)


class TestWithBroker:
    pytestmark = needs_broker

    def test_what_is_published_is_taken_in(self, town, written):
        town.start()
        for n in range(50):
            town.publish("owntracks/jane/phone", location(n))
        town.publish("owntracks/jane/phone/cmd", "{}")
        town.wait_for(50)
        town.stop()
        assert {item.device_id for item in written} == {"jane/phone"}
        assert [json.loads(item.raw)["tst"] for item in written] == [NOW_S - n for n in range(50)]

    def test_nothing_is_acknowledged_before_it_is_written(self, town, written, monkeypatch):
        """The database is away; the subscriber dies; the next one gets everything from the broker."""
        tried = threading.Event()

        def away(group):
            tried.set()
            return [writing.NotNow("away")] * len(group)

        with monkeypatch.context() as patch:
            patch.setattr(mqtt, "write_all", away)
            town.start()
            for n in range(3):
                town.publish("owntracks/jane/phone", location(n))
            assert tried.wait(10)
            town.stop()
        town.start()
        town.wait_for(3)
        town.stop()
        assert len({item.raw for item in written}) == 3

    def test_what_arrives_while_we_are_away_is_kept_by_the_broker(self, town, written):
        town.start()
        town.stop()
        town.publish("owntracks/jane/phone", location())
        town.start()
        town.wait_for(1)

    def test_it_waits_and_goes_on_when_the_database_is_back(self, town, monkeypatch):
        calls = []

        def sometimes(group):
            calls.append(len(group))
            bad = len(calls) == 1
            return [writing.NotNow("away") if bad else writing.Outcome(accepted=1) for _ in group]

        monkeypatch.setattr(mqtt, "write_all", sometimes)
        town.start()
        town.publish("owntracks/jane/phone", location())
        town.wait_for(1)
        assert calls == [1, 1]


@pytest.mark.django_db
def test_a_message_that_names_another_device_is_not_believed():
    subscriber = Subscriber(URL)
    spoof = paho.MQTTMessage(topic=b"owntracks/jane/phone")
    spoof.payload = location(topic="owntracks/ada/tag").encode()
    true = paho.MQTTMessage(topic=b"owntracks/jane/phone")
    true.payload = location(tid="ad").encode()
    subscriber._write([Arrived(0, spoof), Arrived(0, true)])
    assert Fix.objects.get().sender.device_id == "jane/phone"
    kept = QuarantinedMessage.objects.get()
    assert kept.device_id == "jane/phone"
    assert kept.problems[0]["field"] == "device_id"


@pytest.mark.django_db
def test_transitions_and_last_wills_are_events():
    subscriber = Subscriber(URL)
    transition = paho.MQTTMessage(topic=b"owntracks/jane/phone/event")
    transition.payload = location(_type="transition", event="enter", desc="shop").encode()
    will = paho.MQTTMessage(topic=b"owntracks/jane/phone")
    will.payload = json.dumps({"_type": "lwt", "tst": NOW_S}).encode()
    subscriber._write([Arrived(0, transition), Arrived(0, will)])
    assert set(DeviceEvent.objects.values_list("raw_code", flat=True)) == {"transition enter shop", "lwt"}


@pytest.mark.django_db
def test_a_failing_database_acknowledges_nothing(monkeypatch):
    def away(*args, **more):
        raise OperationalError("away")

    subscriber = Subscriber(URL)
    acknowledged = []
    monkeypatch.setattr(subscriber.client, "ack", lambda mid, qos: acknowledged.append(mid))
    monkeypatch.setattr(writing, "take_in", away)
    monkeypatch.setattr(mqtt.time, "sleep", lambda s: subscriber.stop())
    message = paho.MQTTMessage(mid=5, topic=b"owntracks/jane/phone")
    message.payload, message.qos = location().encode(), 1
    subscriber._write([Arrived(0, message)])
    assert acknowledged == []


@pytest.mark.django_db
def test_a_message_of_a_connection_that_is_gone_is_written_and_not_acknowledged(monkeypatch):
    subscriber, acknowledged = Subscriber(URL), []
    monkeypatch.setattr(subscriber.client, "ack", lambda mid, qos: acknowledged.append(mid))
    message = paho.MQTTMessage(mid=5, topic=b"owntracks/jane/phone")
    message.payload, message.qos = location().encode(), 1
    subscriber._connection = 2
    subscriber._write([Arrived(1, message)])
    assert (Fix.objects.count(), acknowledged) == (1, [])
    subscriber._write([Arrived(2, message)])
    assert acknowledged == [5]
