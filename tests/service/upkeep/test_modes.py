"""Whatever the umask of who starts it: the service's files are 0600 and its folders 0700."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.upkeep.test_drill import ROOT, environment

COMMANDS = (
    ["manage", "migrate", "--verbosity", "0"], ["manage", "roll_days"], ["upkeep", "retention"], ["upkeep", "checkpoint"],
    ["audit", "checkpoint", "--out", "{data}/signed.json"], ["upkeep", "backup", "{data}/backup"],
    ["audit", "export", "--out", "{data}/log.jsonl", "--to", "Inspectorate", "--reason", "Yearly"],
)  # fmt: skip
RUN = """
import json, os, sys
from milepost.cli import main
for arguments in json.loads(sys.argv[1]):
    os.umask(0)  # each command starts so
    try:
        main(arguments, standalone_mode=False)
    except SystemExit as end:
        assert not end.code, arguments
    for ending in ("", "-wal", "-shm"):  # its log lies beside the database while that is open
        if os.path.exists(sys.argv[2] + ending):
            assert os.stat(sys.argv[2] + ending).st_mode & 0o777 == 0o600, (arguments, ending)
"""


def modes(folder: Path) -> dict[str, str]:
    """Every file and folder that others can reach into, with its mode."""
    wrong = {}
    for place, folders, names in os.walk(folder.parent):
        for name in (*folders, *names):
            path = Path(place, name)
            mode = stat.S_IMODE(path.lstat().st_mode)
            if mode != (0o700 if path.is_dir() else 0o600):
                wrong[str(path.relative_to(folder.parent))] = oct(mode)
    return wrong


@pytest.mark.slow
@pytest.mark.any_database
def test_what_the_commands_make_is_for_their_own_user_alone(tmp_path):
    data = tmp_path / "own" / "data"
    (tmp_path / "own").mkdir()
    told = [[word.format(data=data) for word in arguments] for arguments in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(told), str(data / "milepost.sqlite3")],
        cwd=ROOT, env=environment(data, ""), capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    made = {path.relative_to(data).as_posix() for path in data.rglob("*")}
    assert {"milepost.sqlite3", "audit.key", "checkpoints", "lake", "signed.json", "log.jsonl", "backup/manifest.json",
            "backup/database.sqlite3", "backup/lake"} <= made  # fmt: skip
    assert modes(data) == {}
