"""Files as people bring them: nothing is lost, nothing is guessed, every refusal names row, field and remedy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from people import ROOT
from polars.testing import assert_frame_equal

from milepost.cli import main
from milepost.problems import UnreadableFile
from milepost.risk import read
from milepost.risk.read import read_answers
from milepost.risk.stream import nearest, score_file
from milepost.risk.table import score_table

PEOPLE = (ROOT / "docs" / "examples" / "risk-people.csv").read_text(encoding="utf-8")
HEAD, GOOD, *_ = PEOPLE.splitlines()


def score(path: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["risk", "score", str(path), "--instruments", "arp", *more])


def write(tmp_path: Path, text: str, name: str = "p.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_usual_kind_of_csv_gives_the_same(
    tmp_path: Path, separator: str, encoding: str, ending: str
) -> None:
    text = PEOPLE.replace(",", separator).replace("\n", ending)
    result = score(write(tmp_path, text, encoding=encoding))
    assert "4 rows read, 2 with a score." in result.stdout
    assert "row 5, field temper_control" in result.stderr


def test_a_line_that_cannot_be_split_comes_back_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    short, long, bad = "x,y", GOOD + ",extra", GOOD.replace("male", "man", 1)
    result = score(write(tmp_path, "\n".join([HEAD, short, GOOD, "", long, bad]) + "\n"))
    assert result.exit_code == 1
    assert "row 2: The row has 2 values; there are 35 columns" in result.stderr
    assert "row 5: The row has 36 values; there are 35 columns" in result.stderr
    assert "row 6, field sex" in result.stderr
    assert "4 rows read, 1 with a score." in result.stdout


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("", "utf-8", "The file is empty"),
        ("a,b\n1,2\n", "utf-8", "No column is known"),
        ("sex,sex\nmale,female\n", "utf-8", "Column sex is there twice"),
        (f'{HEAD}\n{GOOD}\n"{GOOD}\n{GOOD}\n', "utf-8", "A double quote is opened and never closed"),
        (PEOPLE, "utf-16", "The file is not UTF-8 text"),
        (PEOPLE.replace("synthetic-1", "caf\u00e9"), "latin-1", "The file is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_and_leaves_no_output(
    tmp_path: Path, text: str, encoding: str, words: str
) -> None:
    out = tmp_path / "out.csv"
    result = score(write(tmp_path, text, encoding=encoding), "--out", str(out))
    assert result.exit_code == 2
    assert words in result.stderr
    assert not [p for p in tmp_path.iterdir() if p.name != "p.csv"]


def test_a_header_alone_is_said(tmp_path: Path) -> None:
    result = score(write(tmp_path, HEAD + "\n"))
    assert result.exit_code == 1
    assert "There are no rows below the names" in result.stderr


def test_dates(tmp_path: Path) -> None:
    """Day first, unless the column shows that it is not; midnight is the day; the future is warned of."""
    born = pl.Series(
        "date_of_birth", ["06/01/1990", "1990-01-06 00:00:00", "1990-01-06T00:00:00Z", "06-01-1990"]
    )
    done = read.tidy(pl.DataFrame({"date_of_birth": born})).frame
    assert done.get_column("date_of_birth").to_list() == [dt.date(1990, 1, 6)] * 4
    mixed = pl.DataFrame({"date_of_birth": ["06/01/1990", "12/25/1990", "07/07/1990", "1990-01-06"]})
    found = read.tidy(mixed)
    assert found.frame.get_column("_row").to_list() == [3, 4]
    assert {(p.row, "month first" in p.remedy) for p in found.problems.problems} == {(1, True), (2, True)}
    ahead = read.tidy(
        pl.DataFrame({"assessment_date": ["2036-06-01", "2026-06-01"]}), today=dt.date(2026, 6, 1)
    )
    assert [(p.row, p.severity) for p in ahead.problems.problems] == [(1, "warning")]
    assert ahead.frame.height == 2


def test_a_person_who_is_there_twice_is_named(tmp_path: Path) -> None:
    later = GOOD.replace("2026-06-01", "2026-07-01")
    result = score(write(tmp_path, "\n".join([HEAD, GOOD, later, GOOD]) + "\n"))
    assert "row 4, field person_id: The person is there before with the same assessment date" in result.stderr
    assert "row 3, field person_id" not in result.stderr


def test_a_code_that_lost_its_zero_is_shown_as_it_came(tmp_path: Path) -> None:
    frame = pl.read_csv(ROOT / "docs" / "examples" / "risk-people.csv", infer_schema=False)
    path = tmp_path / "p.parquet"
    frame.with_columns(pl.col("offence_code").cast(pl.Float64)).write_parquet(path)
    stderr = score(path).stderr
    assert "row 3, field offence_code: The offence code is not five digits [3703" in stderr
    assert "leading zeros included" in stderr
    assert "row 1," not in stderr


def test_parquet_with_lists_in_a_column_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame({"sex": ["male"], "sanctions": [[1, 2]]}).write_parquet(path)
    with pytest.raises(UnreadableFile, match="field sanctions: The column holds"):
        read_answers(path)


def test_a_misspelt_column_is_told_with_what_it_may_have_meant(tmp_path: Path) -> None:
    assert nearest("Temper control") == "temper_control"
    assert nearest("favourite_colour") is None
    out = score(write(tmp_path, PEOPLE.replace("temper_control", "temper_contrl"))).stdout
    assert "temper_contrl (is it temper_control?)" in out


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_batches_give_what_the_whole_gives(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.read_csv(ROOT / "docs" / "examples" / "risk-people.csv", infer_schema=False)
    many = pl.concat([frame.with_columns(pl.col("person_id") + f"-{i}") for i in range(40)])
    path, out = tmp_path / f"p.{suffix}", tmp_path / "out.parquet"
    many.write_csv(path) if suffix == "csv" else many.write_parquet(path)
    whole = score_table(many, first_row=2 if suffix == "csv" else 1)
    monkeypatch.setattr(read, "BLOCK_BYTES", 2_000)
    monkeypatch.setattr(read, "BATCH_ROWS", 7)
    keys = ("arp", "vrp", "svrp", "dc_srp", "iic_srp", "csrp")
    totals = score_file(path, keys, outputs=[out])
    assert len(list(read.read_batches(path))) > 5
    # The last bit of a probability may depend on how many rows are multiplied at once; nothing else may.
    expected = whole.frame.with_columns(pl.col(pl.Enum).cast(pl.String))
    assert_frame_equal(pl.read_parquet(out), expected, rel_tol=1e-14)
    assert (totals.rows_read, totals.problems.n_errors) == (whole.rows_read, whole.problems.n_errors)
    assert {k: dict(v) for k, v in totals.not_scored.items()} == whole.not_scored
