"""What the report says and never says, the command, effects and overrides."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from milepost.cli import main
from milepost.problems import UnreadableFile
from milepost.risk.fairness import check, read_table
from milepost.risk.fairness.effect import effect
from milepost.risk.fairness.overrides import check_overrides, ways_of
from milepost.risk.fairness.page import to_html
from milepost.risk.fairness.sentences import as_dict, sentence
from milepost.risk.fairness.view import views

EXAMPLE = str(Path(__file__).parents[2] / "docs" / "examples" / "fairness.csv")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["risk", "fairness", *arguments])


def unfair(n: int = 4000, seed: int = 4) -> pl.DataFrame:
    """Equal chances, but the score is 0.1 too high for b; c is like a."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b", "c"], n, p=[0.5, 0.25, 0.25])
    truth = rng.uniform(0.1, 0.6, n)
    p = np.where(group == "b", truth + 0.1, truth)
    return pl.DataFrame(
        {"group": group, "probability": p, "without": truth, "outcome": (rng.random(n) < truth).astype(int)}
    )


def texts(frame: pl.DataFrame, **more) -> str:
    report = check(read_table(frame, groups=["group"], **more)[0], title="x")
    return "\n".join(sentence(report, finding) for finding in report.findings)


def test_a_score_that_is_too_high_for_a_group_is_found_and_others_are_not_blamed():
    said = texts(unfair(), cut=0.5)
    assert "B: the score is too high" in said
    assert "A: the score is too" not in said
    assert "C: the score is too" not in said
    assert re.search(r"B: higher\. Share selected, of those not found to have the outcome", said)


def test_few_people_give_no_verdict():
    said = texts(unfair(90), cut=0.5)
    assert not re.search(r": (?:the score is too|higher|lower)", said)
    assert "We cannot tell for" in said


def test_where_rates_differ_it_says_what_cannot_be_had():
    rng = np.random.default_rng(1)
    group = np.repeat(["a", "b"], 1500)
    y = rng.random(3000) < np.where(group == "a", 0.2, 0.5)
    frame = pl.DataFrame({"group": group, "selected": rng.integers(0, 2, 3000), "outcome": y.astype(int)})
    assert "no score and no rule can be equally right" in texts(frame)
    assert "no score and no rule" not in texts(unfair(90), cut=0.5)


def test_unknown_outcomes_are_not_no_and_are_told():
    frame = unfair().with_columns(
        outcome=pl.when(pl.int_range(pl.len()) % 4 == 0).then(None).otherwise(pl.col("outcome"))
    )
    report = check(read_table(frame, groups=["group"])[0], title="x")
    plain = check(read_table(frame.drop_nulls("outcome"), groups=["group"])[0], title="x")
    assert report.everybody.measures["observed_rate"].value == plain.everybody.measures["observed_rate"].value
    assert any(f.code == "outcome_unknown" and f.facts["share"] == 0.25 for f in report.findings)


def test_the_same_table_gives_the_same_report_whatever_the_order_of_groups():
    frame = unfair(300)
    first = as_dict(check(read_table(frame, groups=["group"])[0], title="x"))
    assert first == as_dict(check(read_table(frame, groups=["group"])[0], title="x"))


def test_two_groups_are_compared_once():
    frame = unfair().filter(pl.col("group") != "c")
    report = check(read_table(frame, groups=["group"], cut=0.5)[0], title="x")
    assert report.comparisons["selection_rate"] == 1


def test_leaving_something_out_is_measured_for_each_group():
    frame = unfair()
    table, _ = read_table(frame, groups=["group"])
    found = effect(table, frame.get_column("without").to_numpy(), cut=0.5)
    by_label = {g.label: g for g in found.groups}
    assert by_label["b"].changes["mean_probability"].value == pytest.approx(-0.1)
    assert by_label["a"].changes["mean_probability"].value == 0
    of_b = frame.filter(pl.col("group") == "b")
    p, q, y = (of_b.get_column(name).to_numpy() for name in ("probability", "without", "outcome"))
    expected = np.mean((q - y) ** 2) - np.mean((p - y) ** 2)
    assert by_label["b"].changes["brier"].value == pytest.approx(expected)
    assert any("B: from with to without the mean probability falls" in line for line in found.sentences())
    assert any("A: we cannot tell" in line for line in found.sentences())


def test_overrides_by_direction_against_a_loop():
    rng = np.random.default_rng(8)
    order, n = ["low", "medium", "high"], 600
    frame = pl.DataFrame(
        {
            "sex": rng.choice(["female", "male"], n),
            "level": rng.choice(order, n),
            "final": rng.choice([*order, ""], n, p=[0.3, 0.3, 0.3, 0.1]),
            "outcome": rng.integers(0, 2, n),
        }
    )
    ways, good, problems = ways_of(frame, "level", "final", order)
    assert good.all()
    assert not problems
    reports = check_overrides(read_table(frame.with_columns(selected=0))[0], ways, title="x")
    for sex in ("female", "male"):
        known = [
            (order.index(r["final"]) - order.index(r["level"]), r["outcome"])
            for r in frame.iter_rows(named=True) if r["sex"] == sex and r["final"]
        ]  # fmt: skip
        for way, test in (("raised", lambda c: c > 0), ("lowered", lambda c: c < 0), ("overridden", bool)):
            group = next(g for g in reports[way].groups if g.values == (sex,))
            hits = [outcome for change, outcome in known if test(change)]
            assert group.measures["selection_rate"].value == pytest.approx(len(hits) / len(known))
            assert group.measures["positive_predictive_value"].value == pytest.approx(np.mean(hits))
    _, good, problems = ways_of(frame.with_columns(final=pl.lit("severe")), "level", "final", order)
    assert not good.any()
    assert "Write one of low, medium, high" in str(problems.problems[0])


def test_the_page_loads_nothing_and_every_picture_has_its_table(tmp_path):
    page = tmp_path / "report.html"
    result = run(EXAMPLE, "--cut", "0.5", "--out", str(page), "--out", str(tmp_path / "report.md"))
    assert result.exit_code == 0, result.output
    html = page.read_text()
    assert "<script" not in html
    assert not re.search(r'(?:src|href)="(?!#)', html.replace('href="#', ""))
    assert " style=" not in html
    assert html.count("<svg ") == html.count("<caption>The same as a table")
    assert "| Group | People | Value |" in (tmp_path / "report.md").read_text()


def test_pictures_are_sound_and_names_cannot_become_markup():
    frame = unfair(400).with_columns(group=pl.col("group").replace("a", "<script>alert(1)</script>"))
    report = check(read_table(frame, groups=["group"], cut=0.5)[0], title="<b>x</b>")
    for view in views(report, ("group",)):
        ElementTree.fromstring(view.svg)
    assert "<script>alert" not in to_html(report)
    assert "<b>x</b>" not in to_html(report)


def test_bad_values_are_named_by_row_and_the_good_rows_are_used(tmp_path):
    file = tmp_path / "bad.csv"
    lines = [f"{'male' if i % 2 else 'female'},{i % 2},0.{i % 9}" for i in range(60)]
    file.write_text("sex,outcome,probability\nmale,perhaps,0.2\nmale,1,27\n" + "\n".join(lines))
    result = run(str(file))
    assert result.exit_code == 1
    assert "row 2, field outcome: Cannot be read as yes or no [perhaps]. Write yes or no" in result.stderr
    assert "row 3, field probability: Is not a probability [27]. Write a number from 0 to 1" in result.stderr
    assert "60 rows about 60 people" in result.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sex,outcome\nmale,1\n", "There is nothing to compare"),
        ("probability,outcome\n0.1,1\n", "There are no groups to compare"),
        ("sex,selected\nmale,7\n", "No row can be used"),
        ("", "The file is empty"),
    ],
)
def test_a_file_that_says_nothing_is_refused_with_the_remedy(text, said, tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text(text)
    result = run(str(file))
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_column_that_is_not_there_and_too_many_combinations():
    frame = unfair(2000).with_columns(other=pl.int_range(pl.len()))
    with pytest.raises(UnreadableFile, match="no such column"):
        read_table(frame, groups=["sex"])
    with pytest.raises(UnreadableFile, match="fewer columns"):
        check(read_table(frame, groups=["other"])[0], title="x")


def test_json_holds_the_findings_as_text_and_the_effect():
    result = run(EXAMPLE, "--cut", "0.5", "--without", "without_ethnicity", "--json")
    told = json.loads(result.stdout)
    assert told["groups"][0]["people"] == 600
    assert all(finding["text"] for finding in told["findings"])
    black = next(g for g in told["effect"]["groups"] if g["values"] == ["black"])
    assert black["changes"]["mean_probability"]["high"] < 0


def test_overrides_from_the_command():
    result = run(EXAMPLE, "--levels", "low,medium,high,very_high", "--way", "raised")
    assert result.exit_code == 0, result.output
    assert "overridden to higher" in result.stdout
