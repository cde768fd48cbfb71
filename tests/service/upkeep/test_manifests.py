"""A backup is the files that were signed, exactly: whoever touches one, adds one or swaps two is named by the file."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from milepost.service.upkeep import manifests
from milepost.service.upkeep.manifests import NotWhole

KEY = Ed25519PrivateKey.from_private_bytes(b"1" * 32)


@pytest.fixture
def backup(tmp_path):
    folder = tmp_path / "backup"
    for name in ("database.sqlite3", "lake/fixes/a.parquet", "lake/fixes/b.parquet"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"content of {name}")
    sign(folder, manifests.files_of(folder))
    return folder


def sign(folder, files, key=KEY):
    manifests.write(folder, {"database": "sqlite", "files": files})
    manifests.sign(folder, key)


def check(folder):
    manifest = manifests.read(folder, [manifests.public_key_of(KEY)])
    manifests.check_files(
        folder, manifest, lambda name: name == "database.sqlite3" or name.startswith("lake/")
    )


def swap(folder):
    a, b = folder / "lake/fixes/a.parquet", folder / "lake/fixes/b.parquet"
    text = a.read_text()
    a.write_text(b.read_text())
    b.write_text(text)


def link(folder):
    file = folder / "lake/fixes/a.parquet"
    outside = folder.parent / "outside"
    file.rename(outside)
    file.symlink_to(outside)


def test_what_nobody_touched_is_whole(backup):
    check(backup)


@pytest.mark.parametrize(("touch", "named"), [
    (lambda f: (f / "lake/fixes/b.parquet").write_text("content of lake/fixes/B.parquet"), "b.parquet is not as it was"),
    (lambda f: (f / "lake/fixes/b.parquet").unlink(), "b.parquet is missing"),
    (lambda f: (f / "lake/fixes/c.parquet").write_text("more"), "c.parquet was not in the backup"),
    (lambda f: (f / "lake/more").symlink_to("/"), "lake/more was not in the backup"),
    (swap, "a.parquet is not as it was"),
    (link, "a.parquet is not as it was"),
    (lambda f: (f / "manifest.json").write_text((f / "manifest.json").read_text() + " "), "not as it was signed"),
    (lambda f: (f / "manifest.signature.json").unlink(), "no manifest.signature.json"),
    (lambda f: (f / "manifest.json").unlink(), "no manifest.json"),
    (lambda f: sign(f, manifests.files_of(f), Ed25519PrivateKey.generate()), "by another key"),
])  # fmt: skip
def test_what_was_touched_is_named(backup, touch, named):
    touch(backup)
    with pytest.raises(NotWhole, match=named):
        check(backup)


@pytest.mark.parametrize("name", [
    "../outside", "/etc/passwd", "lake/../../outside", "lake/./a", "lake//a", "lake\\..\\a", "audit.key", "..",
])  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused_even_if_signed(backup, name):
    files = json.loads((backup / "manifest.json").read_text())["files"]
    sign(backup, files | {name: {"bytes": 1, "sha256": "0" * 64}})
    with pytest.raises(NotWhole, match="which no backup holds"):
        check(backup)
