"""A backup is a folder: the database, the lake, and a signed manifest that says what is in it, and by which it is known
to be whole.

The database is copied first, the lake after it: a day that moves from one to the other meanwhile is in both,
never in neither. People go on working; nobody is made to wait.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction

from milepost.service.audit.kept import set_aside_later
from milepost.service.audit.models import Entry, Head
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.audit.signing import public_key_of
from milepost.service.audit.store import key, known_key
from milepost.service.kit.files import FILE_MODE, FOLDER_MODE, copy_tree, make_folder, new_file
from milepost.service.signals.roll import AlreadyRolling, rolling_alone
from milepost.service.upkeep import manifests
from milepost.service.upkeep.manifests import digest_of
from milepost.service.upkeep.models import UpkeepRun
from milepost.tracks.lake_lock import erasing_alone

SQLITE, POSTGRESQL, LAKE = "database.sqlite3", "database.pgdump", "lake"


class BackupProblem(Exception):
    """It cannot be done. The message says why and what to do."""


def back_up(folder: Path, *, by: Actor) -> dict[str, Any]:
    """Writes a backup into ``folder``, which must be empty or absent. Returns the manifest.

    Raises:
        BackupProblem: something is in the way, or a tool is missing.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupProblem(f"{folder} is not empty. Give each backup its own folder.")
    make_folder(folder)
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
        "files": manifests.files_of(folder),
    }
    files: dict[str, Any] = manifest["files"]  # type: ignore[assignment]
    signing = key()
    public_key = public_key_of(signing)
    manifests.write(folder, manifest)
    facts = {"files": len(files), "bytes": sum(f["bytes"] for f in files.values()), "audit_number": head[0]}
    details = facts | {"manifest": digest_of(folder / manifests.MANIFEST), "public_key": public_key}
    with transaction.atomic():  # without its entry it is not signed, and nobody can use it
        entry = write(by=by, operation=Operation.DISCLOSURE, what="upkeep.backup", details=details)
        UpkeepRun.objects.create(kind=UpkeepRun.Kind.BACKUP, facts=facts, audit_number=entry.number)
    manifests.sign(folder, signing)
    return manifest | {"public_key": public_key}


def restore(
    folder: Path, *, by: Actor, replace: bool = False, trusted_keys: Collection[str] = ()
) -> dict[str, Any]:
    """Puts a backup in the place of this service's database and lake. Nothing else may be running.

    Everything is checked before anything is touched: the manifest's signature, and that the folder holds exactly the
    files that it names. What is put in place is then a copy that was checked as it was made. ``trusted_keys`` are
    public keys in hexadecimal that may have signed; without them, the key of this installation.

    Raises:
        BackupProblem: the backup is not whole, is of another kind of database, or something is there already.
    """
    own = known_key()
    manifest = read_whole(folder, trusted_keys or ([public_key_of(own)] if own else []))
    if manifest["database"] != connection.vendor:
        raise BackupProblem(
            f"This is a backup of {manifest['database']}, and DATABASE_URL names {connection.vendor}."
        )
    lake = Path(settings.LAKE)
    if not replace and (_has_tables() or (lake.exists() and any(lake.iterdir()))):
        raise BackupProblem(
            "There is a database or a lake here already. Restore elsewhere, or say --replace to lose what is here."
        )
    with _copied(folder, manifest, lake) as copy:
        if connection.vendor == "sqlite":
            _put_sqlite(copy / SQLITE)
        else:
            _load_postgresql(copy / POSTGRESQL)
        if lake.exists():
            shutil.rmtree(lake)
        if (copy / LAKE).exists():
            (copy / LAKE).replace(lake)
    head = Head.objects.get(only_row=1)
    end = {"number": manifest["audit_number"], "seal": manifest["audit_seal"]}
    if end["number"] and not Entry.objects.filter(**end).exists():
        raise BackupProblem(
            "The audit log of the restored database does not hold the entry that the manifest names."
        )
    later = set_aside_later(Path(settings.CHECKPOINT_FOLDER), head.number)
    details = {"audit_number": head.number, "manifest": digest_of(folder / manifests.MANIFEST),
               "checkpoints_set_aside": len(later), "audit_number_before": max(later, default=0)}  # fmt: skip
    with transaction.atomic():
        entry = write(by=by, operation=Operation.ALTERATION, what="upkeep.restore", details=details)
        UpkeepRun.objects.create(
            kind=UpkeepRun.Kind.RESTORE, facts={"audit_number": head.number}, audit_number=entry.number
        )
    return manifest | {"checkpoints_set_aside": len(later)}


def read_whole(folder: Path, trusted_keys: Collection[str]) -> dict[str, Any]:
    """The manifest of a backup that was signed, whose every file is there and unchanged, and that holds no other.

    Raises:
        BackupProblem: naming the first file that is not as it was, or is one too many.
    """
    database = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
    try:
        manifest = manifests.read(folder, trusted_keys)
        expected = database.get(manifest["database"], "")
        manifests.check_files(folder, manifest, lambda name: name == expected or name.startswith(f"{LAKE}/"))
    except manifests.NotWhole as problem:
        raise BackupProblem(str(problem)) from None
    if expected not in manifest["files"]:
        raise BackupProblem("The manifest names no database. Use another backup.")
    return manifest


@contextmanager
def _copied(folder: Path, manifest: dict[str, Any], lake: Path) -> Iterator[Path]:
    """A copy of the files that the manifest names, beside the lake, each checked while it is copied: nobody can swap
    one between the check and the use."""
    lake.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    with tempfile.TemporaryDirectory(dir=lake.parent, prefix=".restoring-") as place:
        for name, told in manifest["files"].items():
            target = Path(place, name)
            make_folder(target.parent)
            shutil.copyfile(folder / name, target)
            target.chmod(FILE_MODE)
            if digest_of(target) != told["sha256"]:
                raise BackupProblem(
                    f"{name} was changed while it was read. Nothing was touched. Use another backup."
                )
        yield Path(place)


def _copy_sqlite(target: Path) -> tuple[int, str]:
    """By SQLite's online backup: one consistent moment, while others write."""
    with new_file(target):
        pass  # made here, for our own eyes, before SQLite writes into it
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
    target.chmod(FILE_MODE)
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
    with new_file(target):
        pass  # made here, for our own eyes, before pg_dump writes into it
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
    target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    for ending in ("", "-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part, follow_symlinks=False)
    part.chmod(FILE_MODE)
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
            copy_tree(lake, target)
    except AlreadyRolling:
        raise BackupProblem(
            "Days are being moved into the lake just now. Try again in a few minutes."
        ) from None
