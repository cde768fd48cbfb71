"""The drill: back up while others write, restore elsewhere, and find everything whole."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SERVER = os.environ.get("MILEPOST_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")


def environment(data: Path, database: str) -> dict[str, str]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "MILEPOST_LAKE", "MILEPOST_DEMO_CLOCK")
    }
    kept |= {"MILEPOST_DATA": str(data), "MILEPOST_DEMO": "yes", "MILEPOST_LOG_LEVEL": "ERROR"}
    return kept | ({"DATABASE_URL": database} if database else {})


def step(name: str, where: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.service.upkeep.drill", name],
        cwd=ROOT, env=where, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def milepost(where: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "milepost", *arguments],
        cwd=ROOT, env=where, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def databases(request) -> Iterator[tuple[str, str]]:
    """Addresses of two databases, to back up and to restore into; "" is the embedded one."""
    if request.param == "sqlite":
        yield "", ""
        return
    psycopg = pytest.importorskip("psycopg")
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL server answers")
    names = [f"milepost_drill_{os.getpid()}_{n}" for n in "ab"]
    with server:
        for name in names:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {name}")
    yield tuple(f"{SERVER}/{name}" for name in names)  # type: ignore[misc]
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        for name in names:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.slow
@pytest.mark.any_database
def test_the_drill(tmp_path, databases):
    here, there = (environment(tmp_path / n, url) for n, url in zip("ab", databases, strict=True))
    backup = tmp_path / "backup"
    (tmp_path / "a").mkdir()
    step("fill", here)
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.service.upkeep.drill", "load"],
        cwd=ROOT, env=here, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert writer.stdout is not None
        writer.stdout.readline()  # it writes by now
        made = milepost(here, "upkeep", "backup", str(backup))
        assert made.returncode == 0, made.stderr
        assert writer.poll() is None, "the writer had to stop"
    finally:
        writer.kill()
        writer.communicate()
    manifest = json.loads((backup / "manifest.json").read_text())
    key = json.loads((backup / "manifest.signature.json").read_text())["public_key"]
    assert key in made.stdout, "to be kept elsewhere"

    before = json.loads(step("look", here))
    unknown = milepost(there, "upkeep", "restore", str(backup))
    assert "signed by a key that is not known here" in unknown.stderr
    restored = milepost(there, "upkeep", "restore", str(backup), "--public-key", key)
    assert restored.returncode == 0, restored.stderr
    after = json.loads(step("look", there))
    assert after["broken"] == before["broken"] == ""
    assert after["signs_in"]
    assert after["people"] == before["people"]
    assert after["lake_rows"] == before["lake_rows"] == 500
    # One moment: each delivery with its fixes and its audit entry, none half.
    assert 501 <= after["fixes"] <= before["fixes"]
    assert after["fixes"] - 500 == after["deliveries"] - 1 == after["batch_entries"] - 1
    assert after["entries"] >= manifest["audit_number"]

    again = milepost(there, "upkeep", "restore", str(backup), "--public-key", key)
    assert again.returncode != 0
    assert "--replace" in again.stderr
    assert milepost(there, "upkeep", "restore", str(backup), "--replace", "--public-key", key).returncode == 0
    assert json.loads(step("look", there))["people"] == before["people"]


@pytest.mark.slow
@pytest.mark.any_database
def test_a_backup_that_was_touched_is_refused_before_anything_is(tmp_path):
    here, there = environment(tmp_path / "a", ""), environment(tmp_path / "b", "")
    (tmp_path / "a").mkdir()
    step("fill", here)
    backup = tmp_path / "backup"
    assert milepost(here, "upkeep", "backup", str(backup)).returncode == 0
    assert milepost(here, "upkeep", "backup", str(backup)).returncode != 0, "a backup is never written over"
    with (backup / "database.sqlite3").open("r+b") as file:
        file.seek(5000)
        file.write(b"!")
    key = json.loads((backup / "manifest.signature.json").read_text())["public_key"]
    refused = milepost(there, "upkeep", "restore", str(backup), "--public-key", key)
    assert refused.returncode != 0
    assert "database.sqlite3" in refused.stderr
    assert not (tmp_path / "b" / "milepost.sqlite3").exists()
    (backup / "manifest.json").unlink()
    assert "no manifest.json" in milepost(there, "upkeep", "restore", str(backup)).stderr


@pytest.mark.slow
@pytest.mark.any_database
def test_the_file_of_the_database_forgets_an_erased_person(tmp_path):
    here = environment(tmp_path / "a", "")
    (tmp_path / "a").mkdir()
    step("fill", here)
    files = list((tmp_path / "a").glob("milepost.sqlite3*"))
    assert any(b"Ada Vale" in file.read_bytes() for file in files)
    done = milepost(here, "upkeep", "erase", "P000001", "--reason", "Supervision ended", "--yes")
    assert done.returncode == 0, done.stderr
    for file in (tmp_path / "a").glob("milepost.sqlite3*"):
        assert b"Ada Vale" not in file.read_bytes()
        assert b"1 Example Street" not in file.read_bytes()
