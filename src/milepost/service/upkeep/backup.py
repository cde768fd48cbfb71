"""A backup is a folder: the database, the lake, and a manifest that says what is in it and how to know that it is whole.

The database is copied first, the lake after it: a day that moves from one to the other meanwhile is in both,
never in neither. People go on working; nobody is made to wait.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction

from milepost.service.audit.models import Head
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.signals.roll import AlreadyRolling, rolling_alone
from milepost.service.upkeep.models import UpkeepRun
from milepost.tracks.lake_lock import erasing_alone

MANIFEST, SQLITE, POSTGRESQL, LAKE = "manifest.json", "database.sqlite3", "database.pgdump", "lake"


class BackupProblem(Exception):
    """It cannot be done. The message says why and what to do."""


def back_up(folder: Path, *, by: Actor) -> dict[str, Any]:
    """Writes a backup into ``folder``, which must be empty or absent. Returns the manifest.

    Raises:
        BackupProblem: something is in the way, or a tool is missing.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupProblem(f"{folder} is not empty. Give each backup its own folder.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    started = dt.datetime.now(dt.UTC)
    if connection.vendor == "sqlite":
        head = _copy_sqlite(folder / SQLITE)
    else:
        head = _dump_postgresql(folder / POSTGRESQL)
    _copy_lake(folder / LAKE)
    manifest = {
        "milepost": version("milepost"),
        "database": connection.vendor,
        "started_utc": started.isoformat(),
        "ended_utc": dt.datetime.now(dt.UTC).isoformat(),
        "audit_number": head[0],
        "audit_seal": head[1],
        "files": {
            path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": digest_of(path)}
            for path in sorted(folder.rglob("*")) if path.is_file()
        },
    }  # fmt: skip
    _write_whole(folder / MANIFEST, json.dumps(manifest, indent=1))
    files: dict[str, Any] = manifest["files"]  # type: ignore[assignment]
    facts = {"files": len(files), "bytes": sum(f["bytes"] for f in files.values()), "audit_number": head[0]}
    with transaction.atomic():
        entry = write(by=by, operation=Operation.DISCLOSURE, what="upkeep.backup",
                      details=facts | {"manifest": digest_of(folder / MANIFEST)})  # fmt: skip
        UpkeepRun.objects.create(kind=UpkeepRun.Kind.BACKUP, facts=facts, audit_number=entry.number)
    return manifest


def restore(folder: Path, *, by: Actor, replace: bool = False) -> dict[str, Any]:
    """Puts a backup in the place of this service's database and lake. Nothing else may be running.

    Everything is checked against the manifest before anything is touched.

    Raises:
        BackupProblem: the backup is not whole, is of another kind of database, or something is there already.
    """
    manifest = read_whole(folder)
    if manifest["database"] != connection.vendor:
        raise BackupProblem(
            f"This is a backup of {manifest['database']}, and DATABASE_URL names {connection.vendor}."
        )
    lake = Path(settings.LAKE)
    if not replace and (_has_tables() or (lake.exists() and any(lake.iterdir()))):
        raise BackupProblem(
            "There is a database or a lake here already. Restore elsewhere, or say --replace to lose what is here."
        )
    if connection.vendor == "sqlite":
        _put_sqlite(folder / SQLITE)
    else:
        _load_postgresql(folder / POSTGRESQL)
    if lake.exists():
        shutil.rmtree(lake)
    if (folder / LAKE).exists():
        shutil.copytree(folder / LAKE, lake)
    head = Head.objects.get(only_row=1)
    if head.number < manifest["audit_number"]:
        raise BackupProblem("The audit log of the restored database is shorter than the manifest says.")
    with transaction.atomic():
        entry = write(by=by, operation=Operation.ALTERATION, what="upkeep.restore",
                      details={"audit_number": head.number, "manifest": digest_of(folder / MANIFEST)})  # fmt: skip
        UpkeepRun.objects.create(
            kind=UpkeepRun.Kind.RESTORE, facts={"audit_number": head.number}, audit_number=entry.number
        )
    return manifest


def read_whole(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose every file is there and unchanged.

    Raises:
        BackupProblem: naming the first file that is not.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise BackupProblem(
            f"{folder} has no {MANIFEST}: it is no backup, or one that did not end."
        ) from None
    for name, told in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise BackupProblem(f"{name} is missing from the backup. Use another one.")
        if path.stat().st_size != told["bytes"] or digest_of(path) != told["sha256"]:
            raise BackupProblem(f"{name} is not as it was when the backup was made. Use another one.")
    return manifest


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_sqlite(target: Path) -> tuple[int, str]:
    """By SQLite's online backup: one consistent moment, while others write."""
    source = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=30)
    copy = sqlite3.connect(target)
    try:
        with source, copy:
            source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
        if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise BackupProblem("The copy of the database does not pass SQLite's own check.")
        head = copy.execute("SELECT number, seal FROM audit_head").fetchone()
    finally:
        copy.close()
        source.close()
    target.chmod(0o600)
    return (head[0], head[1]) if head else (0, "")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupProblem(
            f"{name} is not installed on this machine. Install PostgreSQL's client tools (of the server's version "
            "or newer), or run this where they are. The database was not copied."
        )
    return found


def _postgresql_place() -> tuple[list[str], dict[str, str]]:
    """Arguments and environment for PostgreSQL's tools; the password never among the arguments."""
    told = connection.settings_dict
    arguments = ["--dbname", str(told["NAME"])]
    for option, name in (("--host", "HOST"), ("--port", "PORT"), ("--username", "USER")):
        if told.get(name):
            arguments += [option, str(told[name])]
    environment = dict(os.environ)
    if told.get("PASSWORD"):
        environment["PGPASSWORD"] = str(told["PASSWORD"])
    return arguments, environment


def _dump_postgresql(target: Path) -> tuple[int, str]:
    tool = _tool("pg_dump")
    head = Head.objects.filter(only_row=1).first()
    arguments, environment = _postgresql_place()
    _run([tool, "--format", "custom", "--no-owner", "--file", str(target), *arguments], environment)
    return (head.number, head.seal) if head else (0, "")


def _load_postgresql(source: Path) -> None:
    tool = _tool("pg_restore")
    arguments, environment = _postgresql_place()
    connections.close_all()
    _run(
        [tool, "--no-owner", "--exit-on-error", "--single-transaction", "--clean", "--if-exists", *arguments, str(source)],
        environment,
    )  # fmt: skip


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupProblem(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}")


def _put_sqlite(source: Path) -> None:
    target = Path(str(connection.settings_dict["NAME"]))
    connections.close_all()
    target.parent.mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.replace(target)


def _has_tables() -> bool:
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return False
    return bool(connection.introspection.table_names())


def _copy_lake(target: Path) -> None:
    lake = Path(settings.LAKE)
    if not lake.exists():
        return
    try:
        with rolling_alone(lake), erasing_alone(lake):  # no day arrives and nothing leaves meanwhile
            shutil.copytree(lake, target)
    except AlreadyRolling:
        raise BackupProblem(
            "Days are being moved into the lake just now. Try again in a few minutes."
        ) from None


def _write_whole(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)
