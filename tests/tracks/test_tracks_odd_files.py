"""Nothing of a file is silently lost: every odd file ends in rows or in words, and the exit code says which."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.tracks.odd_files import OddFile, cases

from milepost.problems import UnreadableFile
from milepost.tracks.commands import group
from milepost.tracks.read import read_signals


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.case)
def test_every_row_is_kept_or_named_and_the_exit_code_says_so(case: OddFile, tmp_path: Path) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.data)
    columns = ["--columns", case.columns] if case.columns else []
    result = CliRunner().invoke(group, ["inspect", str(path), "--json", *columns], catch_exceptions=False)
    if result.exit_code == 2:
        with pytest.raises(UnreadableFile) as refused:
            read_signals(path, columns=case.columns)
        assert refused.value.problem.remedy
        return
    signals = read_signals(path, columns=case.columns)
    assert signals.n_rows_read == signals.n_rows + signals.problems.n_errors
    assert result.exit_code == (1 if signals.problems.n_errors else 0)
    told = json.loads(result.stdout)
    assert told["rows_read"] == signals.n_rows_read
    assert signals.n_rows or signals.problems, "nothing was read and nothing said"
    for problem in signals.problems.problems:
        assert problem.message
        assert problem.remedy
