# Over 400 lines: every door for devices is asked the same things.
"""The doors for devices: ingest:osmand, ingest:owntracks, ingest:traccar, ingest:overland, ingest:ndjson,
ingest:arrow."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import io
import json
import time

import pyarrow as pa
import pytest
from django.test import Client
from django.utils import timezone

from milepost.service.audit.models import Entry
from milepost.service.orders.models import Device
from milepost.service.signals import rate, tokens
from milepost.service.signals.models import Delivery, DeviceEvent, Fix, Presence, QuarantinedMessage
from milepost.service.signals.policy_data import limits
from milepost.tracks.record import Quality
from tests.service.signals.made import fix, signals

pytestmark = pytest.mark.django_db
NOW_S = int(time.time())
FORMATS = ["osmand", "owntracks", "traccar", "overland", "ndjson", "arrow"]


def osmand_query(device="tag-1", at_s=NOW_S, lat="53.7", lon="1.7", **more):
    said = {"id": device, "timestamp": at_s, "lat": lat, "lon": lon, **more}
    return "&".join(f"{k}={v}" for k, v in said.items())


def arrow_bytes(rows):
    out = io.BytesIO()
    table = signals(rows).fixes
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return out.getvalue()


def message(format, device="tag-1", at_s=NOW_S, lat=53.7, lon=1.7):
    """A good position of ``device``: body and content type."""
    iso = dt.datetime.fromtimestamp(at_s, dt.UTC).isoformat()
    if format == "osmand":
        return osmand_query(device, at_s, lat, lon).encode(), "application/x-www-form-urlencoded"
    if format == "owntracks":
        said = {
            "_type": "location",
            "tst": at_s,
            "lat": lat,
            "lon": lon,
            "acc": 10,
            "topic": f"owntracks/{device}",
        }
        said["topic"] = f"owntracks/x/{device}" if "/" not in device else f"owntracks/{device}"
    elif format == "traccar":
        said = {"position": {"latitude": lat, "longitude": lon, "fixTime": iso, "valid": True},
                "device": {"uniqueId": device}}  # fmt: skip
    elif format == "overland":
        said = {"locations": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]},
                               "properties": {"timestamp": iso, "device_id": device, "speed": -1}}]}  # fmt: skip
    elif format == "ndjson":
        said = {"type": "fix", "device_id": device, "recorded_at_utc": iso, "lat": lat, "lon": lon}
    else:
        return arrow_bytes([fix(device_id=device, recorded_us=at_s * 1_000_000, lon=lon, lat=lat)]), "x/arrow"
    return json.dumps(said).encode(), "application/json"


def send(format, body, kind="application/json", token=None, **headers):
    given = {**(token.bearer if token else {}), **headers}
    return Client().post(f"/ingest/{format}", body, content_type=kind, headers=given)


@pytest.mark.parametrize("format", FORMATS)
def test_a_position_goes_in_and_again_is_a_repeat(format, token):
    made = token("tag-1")
    first = send(format, *message(format), made)
    assert first.status_code == 200, first.content
    if format == "owntracks":
        assert first.json() == []
    else:
        assert first.json()["accepted"] == 1
        assert first.json()["problems"] == []
    again = send(format, *message(format), made)
    assert again.status_code == 200
    row = Fix.objects.select_related("sender").get()
    assert (row.sender.device_id, row.lon_e7, row.lat_e7) == ("tag-1", 17_000_000, 537_000_000)
    assert row.recorded_us == NOW_S * 1_000_000
    assert Delivery.objects.count() == 2
    assert Delivery.objects.order_by("-pk")[0].rows_repeated == 1


@pytest.mark.parametrize("format", FORMATS)
def test_without_a_good_token_nothing_is_read(format, token):
    gone = token("tag-1", revoked_utc=timezone.now())
    late = token("tag-1", expires_utc=timezone.now() - dt.timedelta(seconds=1))
    good = token("tag-1")
    other = good.whole.partition(".")[0] + ".no-such-secret"
    for authorization in (
        "",
        f"Bearer {gone.whole}",
        f"Bearer {late.whole}",
        f"Bearer {other}",
        "Bearer x",
        "Basic !",
    ):
        response = send(format, *message(format), Authorization=authorization)
        assert response.status_code == 401, authorization
        assert "WWW-Authenticate" in response.headers
    assert not Delivery.objects.exists()
    assert not QuarantinedMessage.objects.exists()
    assert not Entry.objects.exists(), "who has no token cannot fill the log"


@pytest.mark.parametrize("format", FORMATS)
def test_a_token_speaks_for_its_own_device_only(format, token):
    response = send(format, *message(format, "tag-2"), token("tag-1"))
    assert response.status_code == 403, response.content
    assert response.json()["problems"][0]["remedy"]
    assert not Fix.objects.exists()
    kept = QuarantinedMessage.objects.get()
    assert kept.device_id == "tag-1", "who sent it"
    assert Entry.objects.get(what="signals.batch").details["rows_foreign"] == 1


@pytest.mark.parametrize("format", ["osmand", "traccar", "ndjson", "arrow"])
def test_a_gateway_speaks_for_devices_of_its_prefix_only(format, token):
    made = token(device_prefix="north-")
    assert send(format, *message(format, "north-1"), made).json()["accepted"] == 1
    response = send(format, *message(format, "south-1"), made)
    assert response.status_code == 403
    assert "south-1" in response.json()["problems"][0]["message"]
    assert Fix.objects.get().sender.device_id == "north-1"


def test_basic_and_query_tokens(token):
    made = token("x/tag-1")
    prefix, _, secret = made.whole.partition(".")
    basic = "Basic " + base64.b64encode(f"{prefix}:{secret}".encode()).decode()
    assert send("owntracks", *message("owntracks", "x/tag-1"), Authorization=basic).status_code == 200
    whole = "Basic " + base64.b64encode(f"anybody:{made.whole}".encode()).decode()
    assert send("owntracks", *message("owntracks", "x/tag-1"), Authorization=whole).status_code == 200
    query = token("tag-1")
    assert Client().get(f"/ingest/osmand?{osmand_query()}&token={query.whole}").status_code == 200
    assert Client().post(f"/ingest/traccar?token={query.whole}").status_code == 401, (
        "only where nothing else can be done"
    )


def test_the_token_in_a_query_is_not_kept(token):
    made = token("tag-1")
    response = Client().get(f"/ingest/osmand?token={made.whole}&id=tag-1&timestamp=yesterday&lat=1&lon=2")
    assert response.status_code == 422
    assert made.whole.encode() not in bytes(QuarantinedMessage.objects.get().raw)


def test_a_revoked_token_is_refused_within_seconds(token, monkeypatch):
    made = token("tag-1")
    assert send("osmand", *message("osmand"), made).status_code == 200
    made.row.revoked_utc = timezone.now()
    made.row.save()
    clock = time.monotonic()
    monkeypatch.setattr(tokens.time, "monotonic", lambda: clock + limits().tokens.cache_s + 0.1)
    assert send("osmand", *message("osmand"), made).status_code == 401


def test_use_is_noted_once_a_minute(token, django_assert_num_queries):
    made = token("tag-1")
    send("osmand", *message("osmand"), made)
    made.row.refresh_from_db()
    noted = made.row.last_used_utc
    assert noted is not None
    send("osmand", *message("osmand", at_s=NOW_S - 1), made)
    made.row.refresh_from_db()
    assert made.row.last_used_utc == noted


def test_an_unknown_device_is_kept_and_told(token):
    Device.objects.create(device_id="known", kind="tag")
    body = b"\n".join(message("ndjson", device)[0] for device in ("known", "stranger"))
    told = send("ndjson", body, token=token()).json()
    assert told["accepted"] == 2
    assert told["unknown_devices"] == ["stranger"]


def test_half_a_batch_good(token):
    good = [message("ndjson", at_s=NOW_S - i)[0] for i in range(3)]
    body = b"\n".join([good[0], b'{"type": "fix", "device_id": "tag-1"', good[1], b'{"type": "fix", "device_id": "tag-1", '
                       b'"recorded_at_utc": "soon", "lat": 1, "lon": 2}', good[2]])  # fmt: skip
    response = send("ndjson", body, token=token())
    assert response.status_code == 200
    told = response.json()
    assert (told["accepted"], told["quarantined"]) == (3, 2)
    assert {(p["row"], p["field"]) for p in told["problems"]} == {(2, None), (4, "recorded_at_utc")}
    assert all(p["message"] and p["remedy"] for p in told["problems"])
    kept = QuarantinedMessage.objects.get()
    assert bytes(kept.raw).split(b"\n") == [body.split(b"\n")[1], body.split(b"\n")[3]], (
        "only the lines refused"
    )
    assert {(p["row"], p["batch_row"]) for p in kept.problems} == {(1, 2), (2, 4)}


BAD = {
    "not json": ("traccar", b"{"),
    "cut off": ("owntracks", b'{"_type": "location", "lat": 5'),
    "no position": ("ndjson", b'{"type": "fix", "device_id": "tag-1", "recorded_at_utc": "2026-03-01T00:00:00Z"}'),
    "latitude out of range": ("osmand", osmand_query(lat="91").encode()),
    "micro-degrees for degrees": ("osmand", osmand_query(lat="53700000", lon="1700000").encode()),
    "not a number": ("osmand", osmand_query(lat="NaN").encode()),
    "no time there is": ("osmand", osmand_query(at_s="99999999999999999999999").encode()),
    "infinite": ("traccar", b'{"latitude": Infinity, "longitude": 1, "fixTime": "2026-03-01T00:00:00Z"}'),
    "huge integer": ("traccar", b'{"latitude": ' + b"9" * 5000 + b', "longitude": 1, "fixTime": "2026-03-01T00:00:00Z"}'),
    "NUL and no sense": ("ndjson", b"\x00\x00\x00"),
    "no Arrow": ("arrow", b"ARROW1 but not really"),
    "nested too deeply": ("ndjson", b"[" * 100_000),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_understood_is_named_and_kept(name, token):
    format, body = BAD[name]
    response = send(format, body, token=token("tag-1"))
    assert response.status_code == 422, response.content
    told = response.json()
    assert told["accepted"] == 0
    assert told["quarantined"] >= 1
    assert all({"row", "field", "message", "remedy"} <= p.keys() and p["remedy"] for p in told["problems"])
    kept = QuarantinedMessage.objects.get()
    assert bytes(kept.raw) == body
    assert kept.problems
    assert kept.state == "waiting"


def test_the_same_bad_message_again_and_again_is_kept_once(token):
    made = token("tag-1")
    for _ in range(3):
        send("traccar", b"{", token=made)
    assert QuarantinedMessage.objects.count() == 1


AN_EVENT = (
    b'{"type":"device_event","device_id":"tag-1","recorded_at_epoch_us":1773500400000000,"kind":"other",%s}'
)
STRANGE = {
    "NUL in a code": b'"raw_code":"a\\u0000b"',
    "long code": b'"raw_code":"' + b"x" * 900 + b'"',
    "half a character": b'"raw_code":"\\ud800"',
    "huge value": b'"value":1e308',
    "longest sequence": b'"sequence":9223372036854775807',
    "longer sequence": b'"sequence":9223372036854775808',
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_values_never_break_the_door(name, token):
    response = send("ndjson", AN_EVENT % STRANGE[name], token=token("tag-1"))
    assert response.status_code in {200, 422}
    told = response.json()
    assert told["accepted"] + told["quarantined"] == 1
    assert DeviceEvent.objects.count() + QuarantinedMessage.objects.count() == 1


def test_an_id_that_is_too_long_is_refused(token):
    body = message("ndjson", "x" * 81)[0]
    response = send("ndjson", body, token=token())
    assert response.status_code == 422
    assert response.json()["problems"][0]["field"] == "device_id"


def test_a_clock_in_the_future_is_kept_with_its_flag(token):
    response = send("osmand", *message("osmand", at_s=NOW_S + 7200), token("tag-1"))
    assert response.json()["accepted"] == 1
    assert Fix.objects.get().quality & Quality.FUTURE


def test_presence_and_events(token):
    iso = "2026-03-01T00:00:00Z"
    body = b"\n".join(
        json.dumps({"device_id": "unit-1", "recorded_at_utc": iso, **said}).encode()
        for said in (
            {"type": "presence", "state": "in_range"},
            {"type": "device_event", "kind": "strap_tamper"},
        )
    )
    told = send("ndjson", body, token=token("unit-1")).json()
    assert told["accepted"] == 2, told
    assert Presence.objects.get().state == 1
    assert DeviceEvent.objects.get().kind == "strap_tamper"


def test_too_large(token):
    made = token("tag-1")
    assert send("traccar", b"x" * (limits().sizes.message_bytes + 1), token=made).status_code == 413
    assert send("ndjson", b"x" * (limits().sizes.batch_bytes + 1), token=made).status_code == 413
    assert not QuarantinedMessage.objects.exists()


def test_a_batch_larger_than_a_message_goes_in(token):
    line = message("ndjson")[0]
    lines = [line.replace(b'"fix"', b'"fix", "sequence": %d' % i) for i in range(9_000)]
    body = b"\n".join(lines)
    assert len(body) > limits().sizes.message_bytes
    told = send("ndjson", body, token=token("tag-1")).json()
    assert told["accepted"] == 9_000, told["problems"][:1]


def test_empty_wrong_method_compressed_without_length(token):
    made = token("tag-1")
    assert send("traccar", b" ", token=made).status_code == 400
    assert Client().get("/ingest/osmand", headers=made.bearer).status_code == 400
    assert Client().get("/ingest/traccar", headers=made.bearer).status_code == 405
    assert send("traccar", b"x", token=made, **{"Content-Encoding": "br"}).status_code == 415
    assert Client().generic("POST", "/ingest/traccar", headers=made.bearer).status_code in {400, 411}


def test_gzip_is_unpacked_and_is_the_same_message(token):
    made = token("tag-1")
    body, kind = message("ndjson")
    packed = gzip.compress(body)
    told = send("ndjson", packed, kind, made, **{"Content-Encoding": "gzip"}).json()
    assert (told["accepted"], told["problems"]) == (1, [])
    assert send("ndjson", body, kind, made).json()["repeated"] == 1
    two_members = gzip.compress(message("ndjson", at_s=NOW_S - 1)[0] + b"\n") + gzip.compress(
        message("ndjson", at_s=NOW_S - 2)[0]
    )
    told = send("ndjson", two_members, kind, made, **{"Content-Encoding": "gzip"}).json()
    assert told["accepted"] == 2


def test_gzip_that_comes_to_more_than_a_message_may_be_is_refused(token):
    bomb = gzip.compress(b" " * (limits().sizes.message_bytes + 1))
    assert len(bomb) < 10_000
    response = send("traccar", bomb, token=token("tag-1"), **{"Content-Encoding": "gzip"})
    assert response.status_code == 413
    assert str(limits().sizes.message_bytes) in response.json()["problems"][0]["message"]


def test_a_batch_of_gzip_comes_to_less_than_one_that_is_sent_as_it_is(token):
    response = send(
        "ndjson", gzip.compress(b"\n" * (limits().sizes.gzip_bytes + 1)), "application/x-ndjson", token("tag-1"),
        **{"Content-Encoding": "gzip"},
    )  # fmt: skip
    assert response.status_code == 413


@pytest.mark.parametrize("how", ["cut off", "damaged", "not gzip", "very many"])
def test_gzip_that_is_not_whole_is_told_and_nothing_is_kept(how, token):
    packed = gzip.compress(message("ndjson")[0])
    bad = {
        "cut off": packed[:-9],
        "damaged": packed[:-6] + b"??" + packed[-4:],
        "not gzip": b"x",
        "very many": gzip.compress(b"") * 200_000,
    }[how]
    response = send("ndjson", bad, token=token("tag-1"), **{"Content-Encoding": "gzip"})
    assert response.status_code == 400
    assert "gzip" in response.json()["problems"][0]["message"]
    assert not Fix.objects.exists()


def overland_batch(*locations):
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": coordinates},
         "properties": {"timestamp": dt.datetime.fromtimestamp(at_s, dt.UTC).isoformat(), "device_id": device,
                        "horizontal_accuracy": 10, "speed": 1.5, "battery_level": 0.5}}
        for at_s, coordinates, device in locations
    ]  # fmt: skip
    return json.dumps({"locations": features}).encode()


def test_overland_is_told_ok_so_that_it_forgets_what_is_kept(token):
    made = token("tag-1")
    good = overland_batch(
        (NOW_S, [1.7, 53.7], ""), (NOW_S - 1, [1.7, 153.7], ""), (NOW_S - 2, [1.8, 53.7], "tag-1")
    )
    told = send("overland", good, token=made).json()
    assert (told["result"], told["accepted"], told["quarantined"]) == ("ok", 2, 1)
    assert (told["problems"][0]["row"], told["problems"][0]["field"]) == (2, "lat")
    assert sorted(Fix.objects.values_list("lon_e7", flat=True)) == [17_000_000, 18_000_000]
    # A batch of which nothing can be used is kept; the phone must not send it for ever.
    bad = send("overland", overland_batch((NOW_S, [1.7, 153.7], "")), token=made)
    assert (bad.status_code, bad.json()["result"]) == (200, "ok")
    assert QuarantinedMessage.objects.count() == 2
    foreign = send("overland", overland_batch((NOW_S, [1.7, 53.7], "tag-2")), token=made)
    assert (foreign.status_code, "result" in foreign.json()) == (403, False)


def test_a_batch_sent_again_is_answered_as_before(token):
    made, other = token(device_prefix="tag-"), token(device_prefix="tag-")
    body = message("ndjson")[0] + b"\n" + b"nonsense"
    first = send("ndjson", body, token=made, **{"X-Batch-Id": "2026-03-01/7"}).json()
    again = send("ndjson", body, token=made, **{"X-Batch-Id": "2026-03-01/7"}).json()
    assert again.pop("batch_repeated") is True
    assert again == first
    assert first["accepted"] == 1
    assert (Fix.objects.count(), Delivery.objects.count(), QuarantinedMessage.objects.count()) == (1, 1, 1)
    differs = send(
        "ndjson", message("ndjson", at_s=NOW_S - 5)[0], token=made, **{"X-Batch-Id": "2026-03-01/7"}
    )
    assert differs.status_code == 409
    told = send("ndjson", body, token=other, **{"X-Batch-Id": "2026-03-01/7"}).json()
    assert told["repeated"] == 1, "another sender's batch of the same name is another batch"
    assert send("ndjson", body, token=made, **{"X-Batch-Id": "x y"}).status_code == 400


def test_owntracks_messages_without_a_signal_are_not_faults(token):
    made = token("tag-1")
    response = send("owntracks", b'{"_type": "card", "name": "x"}', token=made)
    assert response.status_code == 200
    assert response.json() == []
    assert not QuarantinedMessage.objects.exists()
    assert send("owntracks", b'{"_type": "encrypted", "data": "x"}', token=made).status_code == 422
    assert QuarantinedMessage.objects.count() == 1, "it holds a position that we cannot read"


def test_owntracks_headers_name_the_device(token):
    body = json.dumps({"_type": "location", "tst": NOW_S, "lat": 53.7, "lon": 1.7, "tid": "jp"}).encode()
    response = send("owntracks", body, token=token(), **{"X-Limit-U": "jane", "X-Limit-D": "phone"})
    assert response.status_code == 200
    assert Fix.objects.get().sender.device_id == "jane/phone"


def test_too_many_requests_are_told_when_to_come_again(token, monkeypatch):
    made = token("tag-1")
    clock = time.monotonic()
    monkeypatch.setattr(rate.time, "monotonic", lambda: clock)
    statuses = {send("osmand", b"x", token=made).status_code for _ in range(int(limits().rate.device_burst))}
    assert 429 not in statuses
    response = send("osmand", *message("osmand"), made)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) >= 1


def test_a_database_that_takes_nothing_is_told_and_recovers(token, monkeypatch):
    from django.db import OperationalError

    from milepost.service.signals import writing

    made = token("tag-1")

    def full(*args, **kwargs):
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(writing, "take_in", full)
        response = send("osmand", *message("osmand"), made)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == str(limits().group.retry_after_s)
    assert response.json()["accepted"] == 0
    assert send("osmand", *message("osmand"), made).status_code == 200


@pytest.mark.parametrize(
    ("format", "body", "device"),
    [
        ("osmand", b"id=north%2D7&timestamp=never&lat=1&lon=1", "north-7"),
        ("ndjson", b'{"type": "fix", "device_id": "north-7", "lat": 1', "north-7"),
        (
            "traccar",
            b'{"device": {"uniqueId": "north-7"}, "position": {"latitude": 95, "fixTime": "x"}}',
            "north-7",
        ),
        ("ndjson", b'{"device_id": "north-7"}\n{"device_id": "north-8"}', ""),
    ],
)
def test_what_cannot_be_read_can_be_found_by_the_device_it_names(format, body, device, token):
    send(format, body, token=token())
    assert QuarantinedMessage.objects.get().device_id == device
