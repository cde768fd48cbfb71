"""The recipe "Add an app" is followed in a copy of the repository: what it says is enough, and it is little."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docs_blocks import ROOT, blocks_of

PAGE = ROOT / "docs" / "how-to" / "add-an-app.md"
OWN = ("src/milepost/service/visits/", "tests/service/visits/")
MADE = {
    "docs/explanation/map-of-rooms.md",
    "docs/reference/openapi.json",
    "src/milepost/service/locale/cy/LC_MESSAGES/django.po",
}
CHANGED_AT_MOST = 7

pytestmark = pytest.mark.slow


class Copy:
    """A copy of the repository, with the packages of this environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        known = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for name in filter(None, known.split("\0")):
            if (ROOT / name).is_file() and not name.startswith("benchmarks/"):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("-c", "user.name=Recipe", "-c", "user.email=recipe@example.org", "-c", "commit.gpgsign=false",
                 "commit", "--quiet", "--message", "As it is")  # fmt: skip

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments)

    def run(self, *command: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {
            "PYTHONPATH": f"{self.folder / 'src'}{os.pathsep}{self.folder}",
            "DJANGO_SETTINGS_MODULE": "tests.service.settings",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def follow(self, page: Path) -> None:
        """Writes the files of a page, and inserts the lines that it marks with "+" after those that stand before them."""
        for block in blocks_of(page.read_text(encoding="utf-8")):
            changes = [one.removeprefix("change ") for one in block.comments if one.startswith("change ")]
            if block.title:
                (self.folder / block.title).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / block.title).write_text(block.body, encoding="utf-8")
            elif changes:
                lines = block.body.splitlines(keepends=True)
                there = "".join(line[1:] for line in lines if line.startswith(" "))
                new = "".join(line[1:] for line in lines if line.startswith("+"))
                file = self.folder / changes[0]
                text = file.read_text(encoding="utf-8")
                assert text.count(there) == 1, f"{changes[0]} does not say once:\n{there}"
                file.write_text(text.replace(there, there + new), encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    made = Copy(tmp_path_factory.mktemp("copy"))
    made.follow(PAGE)
    made.run(sys.executable, "-m", "django", "makemigrations", "visits", "--name", "initial")
    made.run(sys.executable, "tools/messages.py", "update")
    made.run(sys.executable, "tools/map_of_rooms.py")
    made.run(sys.executable, "-m", "django", "write_openapi", "docs/reference/openapi.json")
    return made


def test_little_changes_outside_the_new_app(copy: Copy) -> None:
    copy.git("add", "--all")
    print(copy.git("diff", "--cached", "--stat"))  # noqa: T201  (pytest -s shows it)
    changed = copy.git("diff", "--cached", "--name-only").split()
    outside = {name for name in changed if not name.startswith(OWN)}
    assert outside >= MADE
    assert len(outside) <= CHANGED_AT_MOST, sorted(outside)
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in outside), "the page lists what changes"


def test_the_new_app_keeps_the_contracts_and_passes_the_walk(copy: Copy) -> None:
    copy.run("lint-imports")
    copy.run(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "tests/service/visits", "tests/service/kit/test_capability.py", "tests/service/walk",
        "tests/service/api/test_access.py", "-k", "visits or capability or every",
    )  # fmt: skip
    assert "visits" in copy.run(sys.executable, "-m", "pytest", "-q", "--collect-only", "tests/service/walk")
