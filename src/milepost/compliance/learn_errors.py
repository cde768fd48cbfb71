"""From witnessed errors to a table of how far off positions really are, band by band."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from milepost.compliance.learn_widen import Wronged, widened
from milepost.compliance.learn_witness import SECOND_US, LearningRules, Witnessed, witnessed_errors
from milepost.compliance.learned_errors import ErrorRow, Witness
from milepost.compliance.parameters import SIGMA_PER_95_RADIUS
from milepost.compliance.rule_tables import RuleSet
from milepost.orders.model import OrderFile
from milepost.policy_files import read_policy_file
from milepost.tracks.record import Signals, Source

LEARNING_RULES = Path(__file__).with_name("learn_errors.toml")
RADIUS_95_IN_SIGMAS = 1 / SIGMA_PER_95_RADIUS


@dataclass(frozen=True, slots=True)
class TooFew:
    """What was seen of a source and model and is not enough for a row."""

    source: str
    device_model: str | None
    none_stated: bool
    fixes: int
    nights: int
    devices: int


@dataclass(slots=True)
class Learned:
    """Rows that the data support, what they do not, and from what they were learned."""

    rows: list[ErrorRow] = field(default_factory=list)
    too_few: list[TooFew] = field(default_factory=list)
    fixes: int = 0
    nights: int = 0
    devices: int = 0
    first_us: int = 0
    last_us: int = 0
    wronged: Wronged | None = None
    """What the rule made of the nights; None: it was not tried, or no home unit bore witness."""


def learn_errors(
    order_file: OrderFile,
    signals: Signals,
    judged_by: RuleSet | None = None,
    rules: LearningRules | None = None,
) -> Learned:
    """Learns from fixes while a home unit heard the tag, and from long nights where there is no home unit.

    ``judged_by``: the rule tables that will judge with what is learned; without them it is not tried on the nights.

    Raises:
        LookupError: no published rule table covers a regime on a date.
    """
    rules = rules or read_policy_file(LEARNING_RULES, LearningRules)
    seen = witnessed_errors(order_file, signals, rules)
    n = len(seen.t)
    learned = Learned(fixes=n)
    if not n:
        return learned
    learned.nights, learned.devices = nights_of(seen, np.arange(n)), len(np.unique(seen.device))
    learned.first_us, learned.last_us = int(seen.t.min()), int(seen.t.max())
    model_of = np.array([seen.models.get(d, "") for d in seen.devices])[seen.device]
    for source in np.unique(seen.source).tolist():
        of_source = seen.source == source
        models: list[str | None] = [None, *sorted(set(model_of[of_source].tolist()) - {""})]
        for model in models:
            rows = np.flatnonzero(of_source & ((model_of == model) if model is not None else True))
            _learn_one(learned, seen, rows, Source(source).name, model, rules)
    if judged_by is not None and any(row.witness == "home_unit" for row in learned.rows):
        learned.rows, learned.wronged = widened(learned.rows, seen, order_file, signals, judged_by, rules)
    return learned


def nights_of(seen: Witnessed, rows: np.ndarray) -> int:
    """Nights of one device each: the independent looks."""
    return len(np.unique(seen.night[rows] * len(seen.devices) + seen.device[rows]))


def _learn_one(
    learned: Learned, seen: Witnessed, rows: np.ndarray, source: str, model: str | None, rules: LearningRules
) -> None:
    """Rows of one source and model. Home units are the better witness; dwells speak where they are too few."""
    unknown = np.isnan(seen.stated_m)
    for none in (False, True):
        mine = rows[unknown[rows] == none]
        if not len(mine):
            continue
        for witness, theirs in seen.witnesses().items():
            if none and witness == "dwells":
                continue  # half of the errors says too little to take the place of a cautious assumption
            known = mine[theirs[mine]]
            bands = [known] if none else _bands(seen, known, rules)
            if bands and all(_enough(seen, band, rules) for band in bands):
                learned.rows += _rows(seen, bands, source, model, witness, none, rules)
                break
        else:
            devices = len(np.unique(seen.device[mine]))
            learned.too_few.append(TooFew(source, model, none, len(mine), nights_of(seen, mine), devices))


def _enough(seen: Witnessed, rows: np.ndarray, rules: LearningRules) -> bool:
    least = rules.enough
    return (
        len(rows) >= least.fixes
        and nights_of(seen, rows) >= least.nights
        and len(np.unique(seen.device[rows])) >= least.devices
    )


def _bands(seen: Witnessed, rows: np.ndarray, rules: LearningRules) -> list[np.ndarray]:
    """Fixes by stated precision; a band with too few is joined with the next, the last with the one before."""
    edges = rules.shape.bands_m
    band_of = np.searchsorted(edges, seen.stated_m[rows])
    bands: list[np.ndarray] = []
    pending: list[np.ndarray] = []
    for b in range(len(edges) + 1):
        pending.append(rows[band_of == b])
        if _enough(seen, np.concatenate(pending), rules):
            bands.append(np.concatenate(pending))
            pending = []
    left = np.concatenate(pending) if pending else rows[:0]
    if bands and len(left):
        bands[-1] = np.concatenate([bands[-1], left])
    return bands


def _rows(
    seen: Witnessed, bands: list[np.ndarray], source: str, model: str | None, witness: Witness, none: bool,
    rules: LearningRules,
) -> list[ErrorRow]:  # fmt: skip
    correlation = correlation_s(seen, np.concatenate(bands), rules.shape.longest_correlation_s)
    made: list[ErrorRow] = []
    above = 0.0
    near_m = _reach(seen, np.concatenate(bands), witness, rules)
    for i, rows in enumerate(bands):
        error, stated = seen.error_m[rows], seen.stated_m[rows]
        shares = _shares(seen, rows, witness, rules)
        wide_m = max(believed_for(float(np.quantile(error, share)), share) for share in shares)
        factor = middle = 1.0
        if not none:
            factor = max(believed_for(float(np.quantile(error / stated, share)), share) for share in shares)
            middle = believed_for(float(np.quantile(error / stated, 0.5)), 0.5)
        half_m = believed_for(float(np.quantile(error, 0.5)), 0.5)
        last = i == len(bands) - 1
        up_to = None if last else _edge(seen, rows, rules)
        real = [float(np.quantile(error, share)) for share in (0.5, 0.95, 0.99)]
        made.append(
            ErrorRow(
                source=source, device_model=model, none_stated=none, stated_above_m=above, stated_up_to_m=up_to,
                factor=max(1.0, _up(factor, 2)), floor_m=_up(wide_m if none else half_m, 1),
                near_m=near_m, elsewhere_factor=1.0 if near_m is None else max(1.0, _up(middle, 2)),
                fixes=len(rows), nights=nights_of(seen, rows), devices=len(np.unique(seen.device[rows])),
                stated_50_m=None if none else round(float(np.median(stated)), 1),
                real_50_m=round(real[0], 1), real_95_m=round(real[1], 1), real_99_m=round(real[2], 1),
                correlation_s=correlation, witness=witness,
            )
        )  # fmt: skip
        above = up_to or above
    return made


def _reach(seen: Witnessed, rows: np.ndarray, witness: Witness, rules: LearningRules) -> float | None:
    """How far from home errors reach; None: too few nights to say, or none but the middle of them is known."""
    if witness == "dwells" or nights_of(seen, rows) < rules.enough.nights_for_tails:
        return None
    return _up(float(np.quantile(seen.error_m[rows], rules.shape.share_within_reach)), 0)


def _edge(seen: Witnessed, rows: np.ndarray, rules: LearningRules) -> float:
    """The upper edge of the highest band joined here."""
    edges = np.array(rules.shape.bands_m)
    return float(edges[np.searchsorted(edges, seen.stated_m[rows].max())])


def _shares(seen: Witnessed, rows: np.ndarray, witness: Witness, rules: LearningRules) -> list[float]:
    """The shares of errors that this much data, from this witness, can speak for."""
    if witness == "dwells":
        return [0.5]  # beyond the middle half a walk at night looks like an error
    tails = [rules.shape.share_of_tails] if nights_of(seen, rows) >= rules.enough.nights_for_tails else []
    return [*rules.shape.shares, *tails]


def believed_for(radius: float, share: float) -> float:
    """The 95 % radius of the round normal error of which this share lies within ``radius`` (Rayleigh)."""
    return radius * RADIUS_95_IN_SIGMAS / math.sqrt(-2 * math.log(1 - share))


def _up(value: float, digits: int) -> float:
    scale = 10.0**digits
    return math.ceil(value * scale - 1e-9) / scale


def correlation_s(seen: Witnessed, rows: np.ndarray, longest_s: float) -> float | None:
    """After how many seconds the correlation of two errors of a device falls to 1/e; None: not within the longest.

    Errors beyond the 95 % radius are drawn back to it, so that a few wild ones do not speak for all.
    """
    rows = rows[np.lexsort((seen.t[rows], seen.device[rows]))]
    error = seen.error_m[rows]
    shrink = np.minimum(1.0, np.quantile(error, 0.95) / np.maximum(error, 1e-9))
    x, y = seen.east_m[rows] * shrink, seen.north_m[rows] * shrink
    t, device = seen.t[rows] / SECOND_US, seen.device[rows]
    whole = float(np.mean(x * x + y * y))
    before = (0.0, 1.0)
    for lag in range(1, len(rows)):
        apart = t[lag:] - t[:-lag]
        pairs = (device[lag:] == device[:-lag]) & (apart <= longest_s)
        if not pairs.any() or not whole:
            return None
        common = float(np.mean((x[lag:] * x[:-lag] + y[lag:] * y[:-lag])[pairs])) / whole
        now = float(np.median(apart[pairs])), common
        if common < math.exp(-1):
            share = (before[1] - math.exp(-1)) / max(before[1] - common, 1e-9)
            return round(before[0] + share * (now[0] - before[0]))
        before = now
    return None
