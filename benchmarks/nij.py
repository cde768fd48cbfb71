"""What the published scores of NIJ's challenge ask for on other people than those they were measured on.

A Brier score depends on how common the outcome is: rarer is easier. The published scores are of the official test
split; here the training split is judged, where other shares were arrested. Two translations: the same skill (share of
the base rates' score that is saved), and everyone here weighted until the outcome is as common as there.
"""

from __future__ import annotations

import numpy as np

from milepost.risk.predictors.calibrate import log_odds
from milepost.risk.predictors.evaluate import Unseen
from milepost.risk.rows import Array
from milepost.risk.scored import sigmoid

BEST_SMALL_TEAM = {2: 0.1450, 3: 0.13577}
BEST_LARGE_TEAM = {2: 0.1369, 3: 0.13048}
"""Averaged Brier scores on the official test split, NIJ's page of results as quoted by smkwray/precrime."""
BASE_THERE = {2: 0.1672, 3: 0.1460}
"""What giving each sex its average scores on the official test split, averaged. The split is not used here."""
DRAWS = 300


def against_target(year: int, kind: str, found: Unseen) -> list[str]:
    """Sentences: what the target is here, and by how much it was met or missed."""
    y, p, sexes = found.cohort.outcome, found.probability, _sexes(found)
    best, there = BEST_SMALL_TEAM[year], BASE_THERE[year]
    wanted = 1 - best / there
    value, here = _averaged(y, p, sexes)
    skill, random = 1 - value / here, np.random.default_rng(1)
    drawn = []
    for _ in range(DRAWS):
        again = [random.choice(rows, len(rows)) for rows in sexes]
        one, base = _averaged(y, p, again)
        drawn.append(1 - one / base)
    low, high = np.quantile(drawn, [0.025, 0.975])
    as_rare = weighted_to(y, p, sexes, there)
    large = 1 - BEST_LARGE_TEAM[year] / there
    return [
        f"Year {year}, target: best small team {best:.4f} on the official test split, where the base rates score "
        f"{there:.4f}: skill {wanted:.3f}. Here the base rates score {here:.4f}, so the same skill is "
        f"{here * (1 - wanted):.4f}. {best:.4f} itself would be skill {1 - best / here:.3f} here; the best large team "
        f"had {large:.3f} there.",
        f"Year {year}, {kind}: {_met(value, best)} against {best:.4f} as it stands ({value:.4f}); by skill "
        f"{skill:.3f} ({low:.3f}-{high:.3f}) against {wanted:.3f}: {_met(wanted, skill, 3)}; weighted to the base "
        f"rates there {as_rare:.4f} against {best:.4f}: {_met(as_rare, best)}.",
    ]


def _met(value: float, limit: float, places: int = 4) -> str:
    """Whether ``value`` is within ``limit``, and if not by how much."""
    return "met" if value <= limit else f"MISSED by {value - limit:.{places}f}"


def _sexes(found: Unseen) -> list[Array]:
    sex = found.cohort.groups["sex"]
    return [np.flatnonzero((sex == name).to_numpy()) for name in sorted(sex.unique().to_list())]


def _averaged(y: Array, p: Array, sexes: list[Array]) -> tuple[float, float]:
    """The Brier score averaged over sexes, and that of giving each sex its average."""
    scores = [((y[rows] - p[rows]) ** 2).mean() for rows in sexes]
    return float(np.mean(scores)), float(np.mean([y[rows].mean() * (1 - y[rows].mean()) for rows in sexes]))


def weighted_to(y: Array, p: Array, sexes: list[Array], base: float) -> float:
    """The averaged score if the outcome were as common as on the other split, for a model fitted on such people.

    The odds of both sexes are changed alike until giving each its average scores ``base``; those with and without the
    outcome are weighted to fit, and the model's log-odds moved by as much: fitted on such people, it would know.
    """
    rates = np.array([y[rows].mean() for rows in sexes])

    def changed(by: float) -> Array:
        return np.asarray(sigmoid(log_odds(rates) + by))

    low, high = -3.0, 3.0
    for _ in range(60):
        by = (low + high) / 2
        low, high = (by, high) if (changed(by) * (1 - changed(by))).mean() < base else (low, by)
    scores = []
    for rows, before, after in zip(sexes, rates, changed(by), strict=True):
        weight = np.where(y[rows] == 1, after / before, (1 - after) / (1 - before))
        moved = sigmoid(log_odds(p[rows]) + by)
        scores.append(np.average((y[rows] - moved) ** 2, weights=weight))
    return float(np.mean(scores))
