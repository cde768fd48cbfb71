"""Single posts at a whole service, on each database: what the loop answers is what Django answers, byte for byte."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from benchmarks.service_lab import Lab, lab

from tests.service.serving.small_service import read_all, status_of

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc"),
]
NOW_S = int(time.time())
SET_UP = """
import datetime as dt, json
import django; django.setup()
from django.utils import timezone
from milepost.service.orders.models import Device
from milepost.service.signals.models import IngestToken
from milepost.service.signals.tokens import new_secret
made = {}
def token(name, **more):
    prefix, made[name], kept = new_secret()
    IngestToken.objects.create(name=name, prefix=prefix, secret_sha256=kept, why_any_device="Test", **more)
ended = timezone.now() - dt.timedelta(seconds=1)
for one in "ab":
    Device.objects.create(device_id="tag-" + one, kind="tag")
    token("own " + one, device_id="tag-" + one)
    token("gateway " + one, device_prefix="north-" + one)
    token("phones " + one, device_prefix="")
    token("revoked " + one, device_id="tag-" + one, revoked_utc=ended)
    token("late " + one, device_id="tag-" + one, expires_utc=ended)
print(json.dumps(made))
"""
REVOKE = """
import sys, django; django.setup()
from milepost.service.signals.models import IngestToken
from django.utils import timezone
IngestToken.objects.filter(prefix=sys.argv[1]).update(revoked_utc=timezone.now())
"""
LOOK = """
import json, django; django.setup()
from milepost.service.audit.models import Entry
from milepost.service.signals.models import Delivery, Fix
entries = [e for e in Entry.objects.filter(what="signals.batch") if e.request_id]
print(json.dumps({"fixes": Fix.objects.count(), "deliveries": Delivery.objects.count(),
                  "numbers": [e.request_id for e in entries], "messages": sum(e.details["messages"] for e in entries)}))
"""


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)  # fmt: skip
def service(request: pytest.FixtureRequest) -> Iterator[tuple[Lab, dict[str, str]]]:
    with lab(request.param) as made:
        tokens = json.loads(made.run("-c", SET_UP).splitlines()[-1])
        made.start_web(processes=1, threads=4)
        yield made, tokens


def ask(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(request)
        return read_all(line)


def bearer(token: str) -> bytes:
    return b"Authorization: Bearer " + token.encode()


def basic(user: str, password: str) -> bytes:
    return b"Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode())


def request(
    method: str, target: str, lines: list[bytes], body: str | bytes, *, to_django: bool = False
) -> bytes:
    """``to_django``: a cookie is nothing that a device sends, so Django answers."""
    body = body.encode() if isinstance(body, str) else body
    head = [f"{method} {target} HTTP/1.1".encode(), b"Host: 127.0.0.1", b"Connection: close", *lines]
    if method == "POST":
        head.append(b"Content-Length: %d" % len(body))
    if to_django:
        head.append(b"Cookie: to=django")
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def osmand(device: str, at_s: int = NOW_S, lat: str = "53.7") -> str:
    return f"id={device}&timestamp={at_s}&lat={lat}&lon=1.7&accuracy=8&batt=80"


def line(device: str, at: str = "2026-03-14T15:00:00Z") -> str:
    said = {"type": "fix", "device_id": device, "recorded_at_utc": at, "lat": 53.7, "lon": 1.7}
    return json.dumps(said)


def owntracks(device: str, **more: Any) -> str:
    said = {
        "_type": "location",
        "tst": NOW_S,
        "lat": 53.7,
        "lon": 1.7,
        "acc": 9,
        "topic": f"owntracks/x/{device}",
    }
    return json.dumps(said | more)  # fmt: skip


def overland(device: str, *latitudes: float) -> str:
    return json.dumps({"locations": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1.7, lat]},
         "properties": {"timestamp": f"2026-03-14T15:0{n}:00Z", "device_id": device, "speed": -1}}
        for n, lat in enumerate(latitudes)
    ]})  # fmt: skip


def traccar(device: str) -> str:
    position = {"latitude": 53.7, "longitude": 1.7, "fixTime": "2026-03-14T15:00:00Z", "valid": True}
    return json.dumps({"position": position, "device": {"uniqueId": device}})


def table(one: str, tokens: dict[str, str]) -> dict[str, tuple[str, str, list[bytes], str | bytes]]:
    """Method, target, headers and body of each message. ``one``: "a" or "b"; in all else the two are the same."""
    tag, north = f"tag-{one}", f"north-{one}-1"
    own, gateway, phones = (bearer(tokens[f"{name} {one}"]) for name in ("own", "gateway", "phones"))
    prefix, _, secret = tokens[f"own {one}"].partition(".")
    packed = gzip.compress(line(tag, "2026-03-15T15:00:00Z").encode(), mtime=0)
    gz = b"Content-Encoding: gzip"
    return {
        "good": ("POST", "/ingest/osmand", [own], osmand(tag)),
        "good, in Welsh": ("POST", "/ingest/osmand", [own, b"Accept-Language: cy"], osmand(tag, NOW_S - 60)),
        "good, as a query": ("GET", "/ingest/osmand?" + osmand(tag, NOW_S - 120), [own], b""),
        "the token in the query": (
            "GET", f"/ingest/osmand?{osmand(tag, NOW_S - 180)}&token={tokens[f'own {one}']}", [], b"",
        ),
        "the token in another query": ("POST", f"/ingest/traccar?token={tokens[f'own {one}']}", [], traccar(tag)),
        "basic": ("POST", "/ingest/osmand", [basic(prefix, secret)], osmand(tag, NOW_S - 240)),
        "basic, whole": ("POST", "/ingest/osmand", [basic("x", f"{prefix}.{secret}")], osmand(tag, NOW_S - 300)),
        "basic, no sense": ("POST", "/ingest/osmand", [b"Authorization: Basic !"], osmand(tag)),
        "no token": ("POST", "/ingest/osmand", [], osmand(tag)),
        "a wrong secret": ("POST", "/ingest/osmand", [bearer(f"{prefix}.{'x' * 43}")], osmand(tag)),
        "an unknown token": ("POST", "/ingest/osmand", [bearer("zzzzzzzzzz.x")], osmand(tag)),
        "no text of ours in the token": ("GET", "/ingest/osmand?token=%00%ff.x", [], b""),
        "revoked": ("POST", "/ingest/osmand", [bearer(tokens[f"revoked {one}"])], osmand(tag)),
        "expired": ("POST", "/ingest/osmand", [bearer(tokens[f"late {one}"])], osmand(tag)),
        "another's device": ("POST", "/ingest/osmand", [own], osmand("tag-c")),
        "another's device, gateway": ("POST", "/ingest/ndjson", [gateway], line("south-1")),
        "a latitude that cannot be": ("POST", "/ingest/osmand", [own], osmand(tag, lat="91")),
        "a time in words": ("POST", "/ingest/osmand", [own], osmand(tag).replace("timestamp=", "timestamp=soon")),
        "empty": ("POST", "/ingest/traccar", [own], b""),
        "blanks": ("POST", "/ingest/traccar", [own], b"  "),
        "an empty query": ("GET", "/ingest/osmand", [own], b""),
        "traccar": ("POST", "/ingest/traccar", [own], traccar(tag)),
        "cut off": ("POST", "/ingest/traccar", [own], traccar(tag)[:-9]),
        "no register": ("POST", "/ingest/traccar", [gateway], traccar(north)),
        "owntracks": ("POST", "/ingest/owntracks", [phones], owntracks(tag)),
        "owntracks by headers": (
            "POST", "/ingest/owntracks", [phones, b"X-Limit-U: x", b"X-Limit-D: " + tag.encode()],
            owntracks(tag, topic=None, tst=NOW_S - 60),
        ),
        "owntracks, a card": ("POST", "/ingest/owntracks", [phones], '{"_type": "card", "name": "x"}'),
        "owntracks, encrypted": ("POST", "/ingest/owntracks", [phones], '{"_type": "encrypted", "data": "x"}'),
        "overland": ("POST", "/ingest/overland", [own], overland(tag, 53.7, 153.7, 53.8)),
        "overland, nothing good": ("POST", "/ingest/overland", [own], overland(tag, 153.7)),
        "overland, another's": ("POST", "/ingest/overland", [own], overland("tag-c", 53.7)),
        "lines": ("POST", "/ingest/ndjson", [gateway], "\n".join([line(north), "{", line(north, "soon")])),
        "gzip": ("POST", "/ingest/ndjson", [own, gz], packed),
        "gzip, cut off": ("POST", "/ingest/ndjson", [own, gz], packed[:-9]),
        "gzip, too much": ("POST", "/ingest/traccar", [own, gz], gzip.compress(b" " * 1_100_000, mtime=0)),
        "half a character": ("POST", "/ingest/ndjson", [own], line(tag)[:-1] + ', "tag_id": "\\ud800"}'),
    }  # fmt: skip


def compared(said: bytes, one: str) -> tuple[Any, ...]:
    """Status, headers in any order, body; without what no two answers share."""
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    kept = sorted(row for row in lines if not row.lower().startswith((b"date:", b"x-request-id:")))
    return first, kept, body.replace(b"-" + one.encode(), b"-?")


def test_the_loop_answers_as_django_does_the_first_time_and_the_second(
    service: tuple[Lab, dict[str, str]],
) -> None:
    made, tokens = service
    in_the_loop, by_django = table("a", tokens), table("b", tokens)
    differ = []
    statuses = set()
    for name in in_the_loop:
        for time_ in ("first", "second"):
            loop = ask(made.ingest_port, request(*in_the_loop[name]))
            django = ask(made.ingest_port, request(*by_django[name], to_django=True))
            statuses.add(status_of(django))
            assert b"x-request-id: " in loop
            if compared(loop, "a") != compared(django, "b"):
                differ.append((name, time_, loop, django))
    assert not differ, "\n".join(f"{row}" for row in differ)
    assert statuses >= {200, 400, 401, 403, 413, 422}


def test_at_the_pages_port_it_is_the_same(service: tuple[Lab, dict[str, str]]) -> None:
    made, tokens = service
    for name in ("good", "no token", "a latitude that cannot be"):
        asked = request(*table("a", tokens)[name])
        ask(made.port, asked)  # from now on it is a repeat
        assert compared(ask(made.port, asked), "a") == compared(ask(made.ingest_port, asked), "a")


def test_a_group_has_one_entry_in_the_log_and_its_answers_name_it(
    service: tuple[Lab, dict[str, str]],
) -> None:
    made, tokens = service
    said = ask(
        made.ingest_port,
        request("POST", "/ingest/osmand", [bearer(tokens["own a"])], osmand("tag-a", NOW_S - 999)),
    )
    number = said.partition(b"x-request-id: ")[2][:16].decode()
    found = json.loads(made.run("-c", LOOK).splitlines()[-1])
    assert found["numbers"].count(number) == 1


def test_a_revoked_token_is_refused_within_seconds(service: tuple[Lab, dict[str, str]]) -> None:
    made, tokens = service
    asked = request("POST", "/ingest/osmand", [bearer(tokens["own b"])], osmand("tag-b", NOW_S - 77))
    assert {status_of(ask(made.ingest_port, asked)) for _ in range(8)} == {200}, "both processes remember it"
    made.run("-c", REVOKE, tokens["own b"].partition(".")[0])
    until = time.monotonic() + 30
    while status_of(ask(made.ingest_port, asked)) != 401 and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(6)
    assert {status_of(ask(made.ingest_port, asked)) for _ in range(8)} == {401}
