"""The subscriber for phones and tags that speak MQTT: acknowledged to the broker only when it is durable.

Topics are ``owntracks/<user>/<device>``; the device is known here as ``<user>/<device>``. Who may publish to a
topic is for the broker to say (an access list that ties the user name to the topic): we see no credentials. A
message that names another device than its topic is refused and kept in quarantine.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from milepost.service.signals.group_commit import now_us
from milepost.service.signals.incoming import Incoming
from milepost.service.signals.policy_data import limits
from milepost.service.signals.writing import NotNow, write_all

log = logging.getLogger("milepost.mqtt")
TOPICS = ("owntracks/+/+", "owntracks/+/+/event")
SUFFIXES = {(): True, ("event",): True}
"""What may follow ``owntracks/<user>/<device>``: positions, and transitions. Cards, commands, way points and
other topics of OwnTracks hold no signal and are not subscribed to."""


class UnusableUrl(ValueError):
    """The address of the broker cannot be used; the text says what to write."""


def device_of(topic: str) -> str | None:
    """``<user>/<device>`` of a topic that may bring signals, else None."""
    parts = topic.split("/")
    if len(parts) < 3 or parts[0] != "owntracks" or not all(parts[1:3]) or tuple(parts[3:]) not in SUFFIXES:
        return None
    device = "/".join(parts[1:3])
    return device if len(device) <= limits().text.id_characters else None


class Arrived(NamedTuple):
    """A message and the number of the connection it came over: only there can it be acknowledged, for packet
    numbers begin anew where the broker has forgotten us."""

    connection: int
    message: paho.MQTTMessage


class Subscriber:
    """One connection to a broker. ``url``: mqtt://user:password@host:1883 or mqtts://…; ``client_id`` names the
    session that the broker keeps while we are away: one name for one running subscriber."""

    def __init__(
        self, url: str, *, client_id: str = "milepost", prefix: str = "",
        on_written: Callable[[int], None] = lambda count: None,
    ) -> None:  # fmt: skip
        self._arrived: queue.Queue[Arrived] = queue.Queue()
        self._connection = 0
        self._stopping = False
        self._on_written = on_written
        self._prefix = prefix
        self._broker = _parse(url)
        self.client = self._make_client(client_id)

    def run(self) -> None:
        """Until ``stop``. Reconnects by itself, waiting longer each time."""
        host, port = self._broker.hostname or "", self._broker.port
        at_least, at_most = limits().mqtt.reconnect_at_least_s, limits().mqtt.reconnect_at_most_s
        self.client.reconnect_delay_set(at_least, at_most)
        properties = Properties(PacketTypes.CONNECT)
        properties.ReceiveMaximum = limits().mqtt.unacknowledged_at_most
        properties.SessionExpiryInterval = limits().mqtt.session_expiry_s
        default = 8883 if self._broker.scheme == "mqtts" else 1883
        self.client.connect_async(
            host, port or default, keepalive=30, clean_start=False, properties=properties
        )
        self.client.loop_start()
        try:
            while not self._stopping:
                if group := self._gather():
                    self._write(group)
        finally:
            self.client.disconnect()
            self.client.loop_stop()

    def stop(self) -> None:
        """May be called from any thread or a signal. What is not written yet the broker sends again."""
        self._stopping = True

    def _make_client(self, client_id: str) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5, manual_ack=True
        )
        if self._broker.username:
            client.username_pw_set(unquote(self._broker.username), unquote(self._broker.password or ""))
        if self._broker.scheme == "mqtts":
            client.tls_set()
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_message = lambda _client, _data, message: self._arrived.put(
            Arrived(self._connection, message)
        )
        return client

    def _connected(
        self, client: paho.Client, _data: object, _flags: paho.ConnectFlags, reason: ReasonCode, _more: object
    ) -> None:
        if reason.is_failure:
            log.error("the broker refuses us", extra={"reason": str(reason)})
            return
        log.info("connected to the broker")
        self._connection += 1
        # Messages that came over a connection that is gone cannot be acknowledged on this one: the broker
        # sends them again, and taking them in twice changes nothing.
        while not self._arrived.empty():
            self._arrived.get_nowait()
        client.subscribe([(self._prefix + topic, 1) for topic in TOPICS])

    def _disconnected(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        if not self._stopping:
            log.warning("disconnected from the broker", extra={"reason": str(reason)})

    def _gather(self) -> list[Arrived]:
        """What has arrived, waiting a moment after the first for more."""
        try:
            group = [self._arrived.get(timeout=0.2)]
        except queue.Empty:
            return []
        until = time.monotonic() + limits().mqtt.gather_s
        while len(group) < limits().group.messages_at_most:
            try:
                group.append(self._arrived.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        return group

    def _write(self, group: list[Arrived]) -> None:
        """Writes and acknowledges. While the database takes nothing, nothing is acknowledged and we wait."""
        waiting_s = limits().mqtt.reconnect_at_least_s
        while group and not self._stopping:
            understood = [(one, item) for one in group if (item := self._incoming(one.message)) is not None]
            results = write_all([item for _, item in understood])
            failed = {
                id(one)
                for (one, _), result in zip(understood, results, strict=True)
                if isinstance(result, Exception)
            }
            if any(isinstance(r, Exception) and not isinstance(r, NotNow) for r in results):
                log.error("a message could not be written", extra={"count": len(failed)})
            for one in group:
                if id(one) not in failed:
                    self._acknowledge(one)
            self._on_written(len(group) - len(failed))
            group = [one for one in group if id(one) in failed]
            if group:
                time.sleep(waiting_s)
                waiting_s = min(waiting_s * 2, limits().mqtt.reconnect_at_most_s)

    def _acknowledge(self, one: Arrived) -> None:
        if one.message.qos and one.connection == self._connection:
            code = self.client.ack(one.message.mid, one.message.qos)
            if code is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                log.info("not acknowledged: the broker will send it again")

    def _incoming(self, message: paho.MQTTMessage) -> Incoming | None:
        """None for what we have no use for: it is acknowledged and forgotten."""
        topic = message.topic.removeprefix(self._prefix)
        device = device_of(topic)
        if device is None or not message.payload.strip():
            return None
        return Incoming(
            raw=bytes(message.payload),
            format="owntracks",
            received_us=now_us(),
            door="mqtt",
            device_id=device,
            topic=topic,
        )


def _parse(url: str) -> SplitResult:
    try:
        parsed = urlsplit(url)
        fits = parsed.scheme in ("mqtt", "mqtts") and bool(parsed.hostname) and (parsed.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise UnusableUrl("Write the broker's address as mqtt://user:password@host:1883 (mqtts:// for TLS).")
    return parsed
