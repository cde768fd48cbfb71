"""The engine and two simpler ways, each asked the same: what do these fixes show?"""

from __future__ import annotations

from collections import defaultdict

from benchmarks import naive
from benchmarks.naive import Intervals
from benchmarks.noise.scoring import BROKEN, KEPT, UNCERTAIN, Answer
from milepost.compliance.batch import evaluate
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.results import Results
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.orders.schedules import expand
from milepost.tracks.record import Signals

MILEPOST = "Milepost (illustrative rules)"
POINT_IN_POLYGON, THREE_IN_A_ROW = "point in polygon", "three in a row"
PLACE_KINDS = frozenset(
    str(kind)
    for kind in (
        FindingKind.LATE_RETURN,
        FindingKind.LEFT_DURING,
        FindingKind.OUT_AT_START,
        FindingKind.OUT_AT_END,
        FindingKind.ABSENT_ENTIRE,
        FindingKind.ZONE_ENTRY,
        FindingKind.ZONE_EXIT,
    )
)
NAME_OF_LABEL = {"breached": BROKEN, "met": KEPT, "uncertain": UNCERTAIN}


def answers(
    orders: OrderFile, signals: Signals, rules: RuleSet, begin_us: int, end_us: int
) -> dict[str, Answer]:
    """By engine. All know the true wearer and the right windows; only the reading of positions differs."""
    results = evaluate(orders, expand, signals, rules, begin_us=begin_us, until_us=end_us)
    fixes = naive.fixes_by_person(signals.fixes, orders)
    duties = expand(orders, begin_us, end_us)
    return {
        MILEPOST: answer_of(results),
        POINT_IN_POLYGON: Answer(naive.point_in_polygon(fixes, duties, filtered=False)),
        THREE_IN_A_ROW: Answer(naive.three_in_a_row(fixes, duties)),
    }


def answer_of(results: Results) -> Answer:
    """Findings about places, their certainty, and the time called broken, kept and uncertain."""
    spans: Intervals = defaultdict(list)
    certainty: dict[tuple[str, str], list[float]] = defaultdict(list)
    broken_s = 0.0
    columns = ["person_id", "condition_id", "kind", "start_utc", "end_utc", "certainty", "seconds"]
    for f in results.findings.select(columns).to_pylist():
        if f["kind"] in PLACE_KINDS:
            key = f["person_id"], f["condition_id"]
            spans[key].append((f["start_utc"].timestamp() * 1e6, f["end_utc"].timestamp() * 1e6))
            certainty[key].append(f["certainty"])
            broken_s += f["seconds"]
    timeline: dict[str, Intervals] = {name: defaultdict(list) for name in NAME_OF_LABEL.values()}
    rows = results.timeline
    times = [rows[c].cast("int64").to_pylist() for c in ("start_utc", "end_utc")]
    names = [rows[c].to_pylist() for c in ("person_id", "condition_id", "label")]
    for person, condition, label, a, b in zip(*names, *times, strict=True):
        if label in NAME_OF_LABEL:
            timeline[NAME_OF_LABEL[label]][person, condition].append((a, b))
    return Answer(spans, certainty, timeline, broken_s)
