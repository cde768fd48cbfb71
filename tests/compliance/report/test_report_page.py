"""The page: whole, safe, and readable by everyone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from report_answer import build_results, finding
from report_scene import (
    STORED_SCRIPT,
    build_obligations,
    build_order_file,
    build_problems,
    build_signals,
    build_streets,
    table,
    us,
)

from milepost.compliance.report import write_report
from milepost.compliance.report.drawing import Frame
from milepost.compliance.report.rows import most_serious_people, rows_of
from milepost.compliance.report.week import week_views
from milepost.compliance.results import COVERAGE, FINDINGS, Results
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Shape, Target
from milepost.problems import Problem, ProblemList
from milepost.tracks.record import Signals

VOID = {"meta", "br", "input", "link", "img", "hr"}
SELF_CLOSED = {"rect", "path", "circle", "line"}


class Page(HTMLParser):
    """A strict little reader: every tag closed in order, every attribute and text kept by tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.tags.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SELF_CLOSED, tag
        self.tags.append((tag, dict(attrs), tuple(self.open)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]].append(data)

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs, _ in self.tags if tag in names]


def write(path: Path, **changes: Any) -> str:
    given: dict[str, Any] = {
        "results": build_results(),
        "order_file": build_order_file(),
        "obligations": build_obligations(),
        "signals": build_signals(),
        "problems": build_problems(),
        "out_path": path / "report.html",
        "title": "Test Town",
        "streets_geojson": build_streets(),
        "synthetic": True,
    }
    write_report(**(given | changes))
    return (path / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_it_asks_for_nothing_from_outside(page: Page, text: str) -> None:
    for _, attrs, _ in page.tags:
        for name in ("src", "href", "action", "data", "poster", "srcset", "xlink:href", "formaction"):
            assert (attrs.get(name) or "#").startswith("#"), attrs
        assert "style" not in attrs
        assert not any(name.startswith("on") for name in attrs), attrs
    assert not page.named("link", "iframe", "object", "embed", "img", "form", "base")
    assert not re.search(r"https?://|@import|url\((?!#)", text)


def test_the_policy_allows_only_this_style_and_this_script(page: Page) -> None:
    policy = next(
        m["content"] for m in page.named("meta") if m.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256("".join(page.texts[tag]).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert len(page.named(tag)) == 1


def test_headings_go_down_one_step_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_scoped_heads(text: str, page: Page) -> None:
    tables = re.findall(r"<table.*?</table>", text, re.S)
    assert len(tables) > 10
    for table_text in tables:
        assert table_text.count("<caption") == 1
        assert re.search(r"<caption[^>]*>\s*\S", table_text)
    assert all(th.get("scope") in ("row", "col") for th in page.named("th"))


def test_every_drawing_has_a_table_that_says_the_same(page: Page) -> None:
    tables = {attrs.get("id") for attrs in page.named("table")}
    drawings = [svg for svg in page.named("svg") if svg.get("aria-hidden") != "true"]
    assert len(drawings) > 15
    for svg in drawings:
        assert svg["role"] == "img"
        assert svg["aria-label"]
        twins = (svg["data-table"] or "").split()
        assert twins
        assert set(twins) <= tables


def test_ids_are_unique_and_every_inner_link_leads_somewhere(page: Page) -> None:
    ids = [attrs["id"] for _, attrs, _ in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs, _ in page.tags:
        if (attrs.get("href") or "").startswith("#"):
            assert (attrs["href"] or "")[1:] in ids
        for name in (attrs.get("aria-labelledby") or "").split():
            assert name in ids


def test_landmarks_language_and_skip_link(page: Page) -> None:
    assert page.named("html")[0]["lang"] == "en-GB"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.named(landmark)) == 1
    assert page.named("a")[0] == {"class": "skip", "href": "#main"}
    assert all(
        "aria-labelledby" in attrs and attrs.get("tabindex") == "0"
        for attrs in page.named("div")
        if attrs.get("role") == "region"
    )


def test_every_dot_of_a_map_is_a_row_of_its_tables(text: str) -> None:
    dots = len(re.findall(r'<circle class="dot [a-z]+"[^>]*><title>', text))
    rows = 0
    for name in ("evidence", "others"):
        for block in re.findall(rf'<table class="evidence" id="{name}-\d+">.*?</table>', text, re.S):
            heads = re.findall(r'<tr><th scope="row">.*?</tr>', block, re.S)
            rows += sum("device event" not in head and "home unit" not in head for head in heads)
    assert dots == rows > 100


def test_data_can_never_become_markup(tmp_path: Path) -> None:
    order_file = build_order_file(name=STORED_SCRIPT, description=STORED_SCRIPT)
    problems = ProblemList()
    problems.add(Problem(STORED_SCRIPT, 1, STORED_SCRIPT, STORED_SCRIPT, STORED_SCRIPT, STORED_SCRIPT))
    results = build_results()
    hostile = dict.fromkeys(("finding_id", "action", "rule", "rule_table", "level"), STORED_SCRIPT)
    ids = dict.fromkeys(("person_id", "order_id", "condition_id", "first_evidence"), STORED_SCRIPT)
    rows = results.findings.to_pylist()
    results.findings = table([rows[0] | hostile, rows[1] | ids, *rows[2:]], FINDINGS)
    covered = [row | {"reason": STORED_SCRIPT} for row in results.coverage.to_pylist()]
    results.coverage = table(covered, COVERAGE)
    text = write(tmp_path, results=results, order_file=order_file, problems=problems, title=STORED_SCRIPT)
    page = Page(text)
    assert len(page.named("script")) == 1
    assert text.count("&lt;script&gt;alert(&#39;stored&#39;)") > 20


def test_it_says_what_could_not_be_judged_and_what_was_wrong(text: str) -> None:
    assert "Has no geometry" in text
    assert "signals.csv, row 812" in text
    assert "Mend the value and read again." in text
    assert "flat battery" in text
    assert "35 more min" in text


@pytest.mark.parametrize(
    ("synthetic", "shown", "not_shown"),
    [(True, "Synthetic data", "Confidential"), (False, "Confidential", "Synthetic data")],
)
def test_the_banner(tmp_path: Path, synthetic: bool, shown: str, not_shown: str) -> None:
    text = write(tmp_path, synthetic=synthetic)
    assert shown in text
    assert not_shown not in text


def test_the_most_serious_are_shown_and_the_rest_is_said(tmp_path: Path) -> None:
    rows = [
        finding(
            "late_return",
            "",
            us("2026-03-24 19:00"),
            us("2026-03-24 19:30"),
            person_id=f"N{n}",
            finding_id=f"F-{n}",
            level="urgent" if n == 77 else "note",
        )
        for n in range(100)
    ]
    results = Results(findings=table(rows, FINDINGS), period_end_us=us("2026-03-30 07:00"))
    (tmp_path / "findings.parquet").write_bytes(b"")
    text = write(
        tmp_path, results=results, obligations=[], order_file=OrderFile(), signals=Signals(), max_people=2
    )
    assert "It tells of 2 of 100 people" in text
    assert "98 findings of the others are not on this page" in text
    assert "<code>findings.parquet</code>" in text
    assert text.count('class="person"') == 2
    assert "Person N77" in text


def test_people_are_ordered_by_their_worst_findings() -> None:
    levels = {"a": ["note"] * 9, "b": ["urgent"], "c": ["review", "review"], "d": []}
    findings = pa.table(
        {
            "person_id": [person for person, own in levels.items() for _ in own],
            "level": [level for own in levels.values() for level in own],
        }
    )
    assert most_serious_people(findings, levels, 3) == ["b", "c", "a"]


def test_an_empty_evaluation_still_makes_a_page(tmp_path: Path) -> None:
    text = write(
        tmp_path,
        results=Results(),
        order_file=OrderFile(),
        obligations=[],
        signals=Signals(),
        problems=ProblemList(),
    )
    Page(text)
    assert "Nothing needs a person." in text


def test_a_spring_night_is_eleven_hours_and_says_so(text: str) -> None:
    assert text.count("Clocks change: 11 h") == 1
    assert text.count("Clocks change: 12 h") == 0


def test_bars_add_up_to_the_time_owed() -> None:
    results = build_results()
    zones = {("O1", "curfew"): "Europe/London", ("O1", "school"): "Europe/London"}
    for view in week_views(rows_of(results.coverage), rows_of(results.timeline), zones, {}):
        for bar in view.bars:
            assert sum(piece.width for piece in bar.stretches) == pytest.approx(bar.owed_width, abs=1e-6)


def test_a_night_at_a_place_too_small_for_its_positions_says_so() -> None:
    results = build_results()
    rows = [row | {"too_inexact_share": 0.9} for row in rows_of(results.coverage)]
    rows[0]["uncertain_s"], rows[1]["uncertain_s"] = 600.0, 0.0
    place = Target((Shape(lon=-1.54, lat=53.8, radius_m=20),), ("home",))
    targets = {("O1", "curfew", row["obligation_start_utc"]): place for row in rows}
    first, second, *_ = week_views(rows, rows_of(results.timeline), {}, targets)[0].bars
    assert (
        "90.0% may be wrong by more than the size of the place, a circle with a radius of 20 m" in first.note
    )
    assert "further off" not in second.note


@pytest.mark.parametrize(
    "streets",
    [
        {},
        {"features": None},
        {"features": [None, {"geometry": {"type": "Point", "coordinates": 3}}]},
        {"features": [{"geometry": {"type": "LineString", "coordinates": [["x", 1], []]}}]},
    ],
)
def test_odd_streets_never_stop_the_page(tmp_path: Path, streets: dict[str, Any]) -> None:
    assert "<svg" in write(tmp_path, streets_geojson=streets)


def test_a_scale_bar_has_a_round_length_that_is_drawn_true() -> None:
    for px_per_m in (0.01, 0.3, 1.9, 2.6):
        length_px, words = Frame(None, 0, 0, px_per_m).scale_bar  # type: ignore[arg-type]
        number, unit = words.split()
        metres = float(number) * (1000 if unit == "km" else 1)
        assert length_px == pytest.approx(metres * px_per_m)
        assert str(metres)[0] in "125"
        assert length_px <= 180
