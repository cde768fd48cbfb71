"""A judgement in plain words, that never claim more than its intervals allow."""

from __future__ import annotations

from typing import Any


def verdict(evaluation: dict[str, Any], fairness: dict[str, Any] | None) -> list[str]:
    """Lines for a person: what was measured, how sure, and what is wrong."""
    overall, how = evaluation["overall"], evaluation["how"]
    split = "on later people" if how["split"] == "temporal" else f"in {how['folds']} folds, each within folds"
    lines = [
        f"Judged {split}: {overall['n']:,} people, {overall['events']:,} with the outcome.",
        f"Brier score {_with(overall['brier'])}; giving everyone the average scores {overall['base_rate_brier']:.4f}.",
        f"Of two people, one with the outcome, that one has the higher score {_with(overall['auc'], 3)} of the time.",
        f"Calibration slope {_with(overall['calibration_slope'], 3)} (1 is right); "
        f"typical distance from what happened {_with(overall['integrated_calibration_index'])}.",
    ]
    if mean := evaluation.get("brier_averaged"):
        lines.append(
            f"Brier score averaged over {mean['groups_of']}: {_with(mean)}, skill {mean['skill']:.3f}."
        )
    if stable := evaluation.get("stability"):
        lines.append(
            f"Trained anew by chance, one person's probability moves by {stable['typical_spread']:.3f} typically, "
            f"{stable['large_spread']:.3f} for one in twenty."
        )
    lines += _groups(fairness)
    lines += _slope(overall["calibration_slope"], evaluation["slope_within"])
    if overall["brier"]["value"] >= overall["base_rate_brier"]:
        lines.append("NOT GOOD ENOUGH: giving everyone the average would be as good.")
    return lines


def _slope(slope: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Wrong only if no slope that the interval allows is within the limits; else it may be too few people."""
    if slope["low"] is None:
        return ["The calibration slope could not be worked out."]
    if slope["low"] > wanted["high"] or slope["high"] < wanted["low"]:
        return [f"NOT GOOD ENOUGH: the slope is outside {wanted['low']} to {wanted['high']}."]
    if slope["low"] < wanted["low"] or slope["high"] > wanted["high"]:
        return [f"Too few people to say that the slope is within {wanted['low']} to {wanted['high']}."]
    return []


def _groups(fairness: dict[str, Any] | None) -> list[str]:
    if fairness is None:
        return ["NOT MEASURED: no groups were given, so nothing is known of how fair it is."]
    lines = []
    for row in fairness["groups"]:
        name = ", ".join(f"{key} {value}" for key, value in row["group"].items())
        if not row["n"]:
            lines.append(f"{name}: too few people to measure.")
            continue
        gap = row["observed_minus_expected"]
        clear = gap["low"] is not None and (gap["low"] > 0 or gap["high"] < 0)
        word = ("too low" if gap["value"] > 0 else "too high") if clear else "cannot tell it is wrong"
        lines.append(
            f"{name}: {row['n']:,} people, said {row['expected']:.3f}, happened {row['observed']:.3f}: {word}."
        )
    if effect := fairness.get("effect_of_adding"):
        gain = effect["brier_gain"]
        lines.append(
            f"Adding {' and '.join(effect['added'])} (measured, never used) would change the Brier score by "
            f"{-gain['value']:+.5f} ({-gain['high']:+.5f} to {-gain['low']:+.5f})."
        )
    return lines


def comparison(found: dict[str, Any]) -> list[str]:
    """The predictor beside the instrument, for a person."""
    lines = [
        f"{found['people']:,} people with a score of {found['instrument']}; {found['without_its_score']:,} without."
    ]
    for name, digits in (("brier", 4), ("auc", 3)):
        ours, theirs = found["predictor"][name], found["instrument_measured"][name]
        gain = found["better_by"][name]
        lines.append(
            f"{'Brier score' if name == 'brier' else 'AUC'}: predictor {_with(ours, digits)}, instrument "
            f"{_with(theirs, digits)}. Difference {gain['value']:.{digits}f} "
            f"({gain['low']:.{digits}f} to {gain['high']:.{digits}f}): {gain['verdict']}."
        )
    lines.append("A better score on the whole may still be worse for a group: see --json, groups.")
    return lines


def _with(measure: dict[str, Any], digits: int = 4) -> str:
    if measure["value"] is None:
        return "not known"
    if measure["low"] is None:
        return f"{measure['value']:.{digits}f}"
    return f"{measure['value']:.{digits}f} ({measure['low']:.{digits}f} to {measure['high']:.{digits}f})"
