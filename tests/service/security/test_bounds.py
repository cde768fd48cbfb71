"""What is too much, too deep, too often, or more than the database can do just now: told plainly, and nothing kept.

Slow clients: ``tests/service/serving/test_doors_hold.py``.
"""

from __future__ import annotations

import io
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from milepost.orders.model import OrderFile
from milepost.service.accounts.actors import Machine
from milepost.service.accounts.roles import Role
from milepost.service.api import calls, doors
from milepost.service.api.actions.tokens import make_token
from milepost.service.api.scopes import scopes_of
from milepost.service.orders.actions import importing
from milepost.service.orders.models import ToCheck
from milepost.service.orders.pieces import n_rows, pieces_of
from milepost.service.people.models import Person
from milepost.service.signals.actions import make_token as make_ingest_token
from milepost.service.signals.models import Fix, QuarantinedMessage
from milepost.service.web.busy import is_busy

pytestmark = pytest.mark.django_db
COUNTED = calls.must_wait_s
"""As it is: the other tests do without."""
DEEP = "[" * 900_000


@pytest.fixture
def caller(world):
    _, whole = make_token(by=world.nora, name="test", scopes=[str(s) for s in scopes_of(world.nora)], days=7)

    def ask(method: str, path: str, body: str | None = None):
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        client = Client(raise_request_exception=False)
        return client.generic(method, f"/api/v1{path}", headers={"Authorization": f"Bearer {whole}"}, **more)

    return ask


def order_file(people: int) -> dict:
    return {
        "milepost": 1,
        "people": [{"id": f"N{i:05d}", "name": f"Synthetic {i}", "synthetic": True} for i in range(people)],
        "orders": [
            {"id": f"NO{i:05d}", "person_id": f"N{i:05d}", "regime": "community_order", "versions": [
                {"version": 1, "effective_from_utc": "2026-03-01T12:00:00Z", "conditions": []}]}
            for i in range(people)
        ],
    }  # fmt: skip


# Too much


def test_a_call_with_too_many_people_is_refused_with_the_remedy_and_nothing_is_kept(caller):
    before = Person.objects.count()
    answer = caller("POST", "/orders", json.dumps(order_file(700)))
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["remedy"] == "Send it in parts."
    assert Person.objects.count() == before


def test_the_pieces_of_a_file_are_the_file_and_each_has_whole_people():
    whole = OrderFile.model_validate(order_file(50))
    pieces = list(pieces_of(whole, 30))
    assert len(pieces) == 5
    assert max(n_rows(piece) for piece in pieces) <= 32
    for piece in pieces:
        assert {o.person_id for o in piece.orders} == {p.id for p in piece.people}
    for kind in ("people", "orders", "activations"):
        assert [x for piece in pieces for x in getattr(piece, kind)] == getattr(whole, kind)


def test_an_import_of_a_page_takes_the_write_lock_for_one_piece_at_a_time(world, monkeypatch):
    small = {"import_rows_of_a_piece": 30, "import_rows_at_most": 200}
    numbers = importing.document_limits().model_copy(update=small)
    monkeypatch.setattr(importing, "document_limits", lambda: numbers)
    upload = importing.keep_upload(by=world.nora, name="a.json", content=json.dumps(order_file(50)).encode())
    looked = importing.look_at(by=world.nora, upload=upload)
    assert (len(looked.to_check), ToCheck.objects.count()) == (50, 0)
    done = importing.take_in(by=world.nora, upload=upload)
    assert (len(done.to_check), ToCheck.objects.count()) == (50, 50)
    large = importing.keep_upload(by=world.nora, name="b.json", content=json.dumps(order_file(70)).encode())
    with pytest.raises(importing.Refused, match="Split it"):
        importing.look_at(by=world.nora, upload=large)


# Too deep


def test_json_that_is_nested_too_deep_is_refused_by_the_api(caller):
    for body in (DEEP, '{"a":' * 200 + "1" + "}" * 200):
        answer = caller("POST", "/orders", body)
        assert answer.status_code == 422
        assert "nested" in answer.json()["detail"]


def test_json_that_is_nested_too_deep_is_an_import_that_cannot_be_read(world, signed_in):
    client = signed_in(world.nora)
    file = io.BytesIO(DEEP.encode())
    file.name = "deep.json"
    answer = client.post("/orders/import", {"file": file}, follow=True)
    assert answer.status_code == 200
    assert b"nested too deep" in answer.content


@pytest.mark.parametrize("format", ["osmand", "owntracks", "traccar", "ndjson"])
def test_a_message_of_brackets_is_refused_and_kept_to_be_looked_at(format, world):
    _, whole = make_ingest_token(name="tag", device_id="tag-1", by=Machine("command", "test"))
    for n, raw in enumerate((DEEP, "[[[[", '{"a":' * 100 + "1" + "}" * 100), 1):
        answer = Client().post(
            f"/ingest/{format}",
            raw,
            content_type="application/json",
            headers={"Authorization": f"Bearer {whole}"},
        )
        assert answer.status_code == 422, raw[:9]
        assert QuarantinedMessage.objects.count() == n


# Small on the way, large when unpacked


def test_arrow_that_would_unpack_to_far_more_is_refused_before_it_does(world):
    rows = 9_000
    times = pa.array([1_773_500_000_000_000 + i for i in range(rows)], pa.timestamp("us", "UTC"))
    where = {
        "lon_e7": pa.array([17_000_000] * rows, pa.int32()),
        "lat_e7": pa.array([537_000_000] * rows, pa.int32()),
    }
    one_text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 105_000]))
    _, whole = make_ingest_token(
        name="gateway", by=Machine("command", "test"), why_any_device="A test gateway"
    )
    bombs = {"dictionary": one_text, "packed": pa.array(["y" * 20_000] * rows)}
    for name, device in bombs.items():
        table = pa.table({"device_id": device, "recorded_at_utc": times, **where})
        out = io.BytesIO()
        with pa.ipc.new_stream(
            out, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")
        ) as stream:
            stream.write_table(table)
        assert len(out.getvalue()) < 70_000
        before, began_s = pa.total_allocated_bytes(), time.monotonic()
        answer = Client().post(
            "/ingest/arrow", out.getvalue(), content_type="application/octet-stream",
            headers={"Authorization": f"Bearer {whole}"},
        )  # fmt: skip
        assert answer.status_code == 422, name
        assert "64000000 bytes" in answer.json()["problems"][0]["message"]
        assert pa.total_allocated_bytes() - before < 10_000_000
        assert time.monotonic() - began_s < 10
    assert Fix.objects.count() == 0


def test_packed_arrow_of_a_usual_size_is_taken_in(world):
    table = pa.table({
        "device_id": pa.array(["tag-1"] * 500).dictionary_encode(),
        "recorded_at_utc": pa.array([1_773_500_000_000_000 + i for i in range(500)], pa.timestamp("us", "UTC")),
        "lon_e7": pa.array([17_000_000] * 500, pa.int32()), "lat_e7": pa.array([537_000_000] * 500, pa.int32()),
    })  # fmt: skip
    _, whole = make_ingest_token(
        name="gateway", by=Machine("command", "test"), why_any_device="A test gateway"
    )
    for packed in ("lz4", "zstd", None):
        out = io.BytesIO()
        with pa.ipc.new_stream(
            out, table.schema, options=pa.ipc.IpcWriteOptions(compression=packed)
        ) as stream:
            stream.write_table(table)
        answer = Client().post(
            "/ingest/arrow", out.getvalue(), content_type="application/octet-stream",
            headers={"Authorization": f"Bearer {whole}"},
        )  # fmt: skip
        assert answer.status_code == 200, (packed, answer.content)
    assert Fix.objects.count() == 500


# Too often


def test_calls_of_a_token_are_counted_over_all_processes(tmp_path: Path, settings, monkeypatch):
    settings.DATA = tmp_path
    burst, per_s = calls.numbers().calls.burst, calls.numbers().calls.per_s
    for n in range(burst):
        if n % 50 == 0:  # what another process sees: a connection of its own
            monkeypatch.setattr(calls, "_mine", calls.threading.local())
        assert COUNTED("abc", now_s=1000.0) == 0
    assert COUNTED("abc", now_s=1000.0) == pytest.approx(1 / per_s)
    assert COUNTED("other", now_s=1000.0) == 0
    assert COUNTED("abc", now_s=1000.0 + 1.01 / per_s) == 0
    assert COUNTED("abc", now_s=1000.0 + 1.01 / per_s) > 0
    assert (tmp_path / calls.FILE).stat().st_mode & 0o777 == 0o600


def test_a_count_that_cannot_be_kept_stops_nobody(tmp_path: Path, settings, monkeypatch):
    settings.DATA = tmp_path / "not" / "there"
    monkeypatch.setattr(calls, "_mine", calls.threading.local())
    assert COUNTED("abc") == 0


def test_a_token_that_calls_too_often_is_told_when_it_may_again(caller, monkeypatch):
    monkeypatch.setattr(calls, "must_wait_s", lambda token: 2.5)
    answer = caller("GET", "/people")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3"


# More than the database can do just now


def locked() -> OperationalError:
    """As Django tells that somebody else holds the one lock of SQLite."""
    one, other = (
        sqlite3.connect("file:busy?mode=memory&cache=shared", uri=True, timeout=0) for _ in range(2)
    )
    try:
        one.execute("BEGIN IMMEDIATE")
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raised = OperationalError(*error.args)
            raised.__cause__ = error
            return raised
    finally:
        one.close()
        other.close()
    raise AssertionError("nothing was locked")


def test_a_database_without_time_is_told_from_a_mistake_of_ours():
    def told(kind: type[Exception], cause: Exception) -> bool:
        error = kind("x")
        error.__cause__ = cause
        return is_busy(error)

    assert is_busy(locked())
    for cause in (psycopg.errors.LockNotAvailable(), psycopg.errors.QueryCanceled(), psycopg.errors.DeadlockDetected(),
                  psycopg.errors.AdminShutdown(), psycopg.OperationalError("the connection is lost")):  # fmt: skip
        assert told(OperationalError, cause), cause
    assert told(InterfaceError, psycopg.InterfaceError("connection already closed"))
    with pytest.raises(sqlite3.OperationalError) as no_table, closing(sqlite3.connect(":memory:")) as empty:
        empty.execute("SELECT * FROM nothing")
    assert not told(OperationalError, no_table.value)
    assert not is_busy(ValueError("x"))
    assert not is_busy(None)


def fail(*args: object, **more: object) -> None:
    raise locked()


def test_a_page_whose_view_meets_a_lock_says_come_again(world, signed_in, monkeypatch):
    client = signed_in(world.nora)
    client.raise_request_exception = False
    monkeypatch.setattr(importing, "keep_upload", fail)
    file = io.BytesIO(b"{}")
    file.name = "orders.json"
    answer = client.post("/orders/import", {"file": file})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert b"Nothing that you entered was saved" in answer.content


def test_a_lock_before_the_view_is_no_fault_of_ours_either(world, signed_in, monkeypatch):
    client = signed_in(world.users[Role.MONITORING_OFFICER])
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore._get_session_from_db", fail)
    answer = client.get("/monitoring/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_the_api_says_come_again(caller, monkeypatch):
    monkeypatch.setattr(doors, "caller_of", fail)
    answer = caller("GET", "/people")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json()["type"].endswith(":busy")


def test_whatever_fails_at_ingest_is_never_taken_for_kept(world, monkeypatch):
    _, whole = make_ingest_token(name="tag", device_id="tag-1", by=Machine("command", "test"))

    def broken(*args: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("milepost.service.signals.ingest_views.submit", broken)
    answer = Client(raise_request_exception=False).get(
        "/ingest/osmand?id=tag-1&timestamp=1773500000&lat=53.7&lon=1.7",
        headers={"Authorization": f"Bearer {whole}"},
    )
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
