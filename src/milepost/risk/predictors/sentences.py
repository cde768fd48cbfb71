"""A judgement in plain words, that never claim more than its intervals allow."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

from milepost.language import ENGLISH, Language, to_say


def verdict(
    evaluation: dict[str, Any], fairness: dict[str, Any] | None, language: Language = ENGLISH
) -> list[str]:
    """Lines for a person: what was measured, how sure, and what is wrong. Names of groups stand as they are."""
    say, decimal = language.say, language.decimal
    overall, how = evaluation["overall"], evaluation["how"]
    slope = overall["calibration_slope"]
    lines = [
        say(
            to_say("Judged on later people: {people} people, {events} with the outcome.")
            if how["split"] == "temporal"
            else to_say(
                "Judged in {folds} folds, each within folds: {people} people, {events} with the outcome."
            ),
            folds=str(how.get("folds")),
            people=overall["n"],
            events=overall["events"],
        ),
        say(
            "Brier score {brier}; giving everyone the average scores {average}.",
            brier=_with(overall["brier"], language),
            average=decimal(overall["base_rate_brier"], 4),
        ),
        say(
            "Of two people, one with the outcome, that one has the higher score {auc} of the time.",
            auc=_with(overall["auc"], language, 3),
        ),
        say(
            "Calibration slope {slope} (1 is right); typical distance from what happened {distance}.",
            slope=_with(slope, language, 3),
            distance=_with(overall["integrated_calibration_index"], language),
        ),
    ]
    if mean := evaluation.get("brier_averaged"):
        lines.append(
            say(
                "Brier score averaged over {groups}: {brier}, skill {skill}.",
                groups=str(mean["groups_of"]),
                brier=_with(mean, language),
                skill=decimal(mean["skill"], 3),
            )
        )
    if stable := evaluation.get("stability"):
        lines.append(
            say(
                "Trained again by chance, one person's probability moves by {typical} typically, {large} for one in twenty.",
                typical=decimal(stable["typical_spread"], 3),
                large=decimal(stable["large_spread"], 3),
            )
        )
    lines += _groups(fairness, language)
    lines += _slope(slope, evaluation["slope_within"], language)
    if overall["brier"]["value"] >= overall["base_rate_brier"]:
        lines.append(say("NOT GOOD ENOUGH: giving everyone the average would be as good."))
    return lines


def _slope(slope: dict[str, Any], wanted: dict[str, Any], language: Language) -> list[str]:
    """Wrong only if no slope that the interval allows is within the limits; else it may be too few people."""
    if slope["low"] is None:
        return [language.say("The calibration slope could not be worked out.")]
    low, high = str(wanted["low"]), str(wanted["high"])
    if slope["low"] > wanted["high"] or slope["high"] < wanted["low"]:
        return [language.say("NOT GOOD ENOUGH: the slope is outside {low} to {high}.", low=low, high=high)]
    if slope["low"] < wanted["low"] or slope["high"] > wanted["high"]:
        few = to_say("Too few people to say that the slope is within {low} to {high}.")
        return [language.say(few, low=low, high=high)]
    return []


def _groups(fairness: dict[str, Any] | None, language: Language) -> list[str]:
    say, decimal = language.say, language.decimal
    if fairness is None:
        return [say("NOT MEASURED: no groups were given, so nothing is known of how fair it is.")]
    lines = []
    for row in fairness["groups"]:
        name = ", ".join(f"{key} {value}" for key, value in row["group"].items())
        if not row["n"]:
            lines.append(say("{group}: too few people to measure.", group=name))
            continue
        lines.append(
            say(
                _judged(row["observed_minus_expected"]),
                group=name,
                people=row["n"],
                expected=decimal(row["expected"], 3),
                observed=decimal(row["observed"], 3),
            )
        )
    if effect := fairness.get("effect_of_adding"):
        gain = effect["brier_gain"]
        added = reduce(
            lambda some, last: say("{list} and {last}", list=some, last=last), map(str, effect["added"])
        )
        lines.append(
            say(
                "Adding {list} (measured, never used) would change the Brier score by {change} ({low} to {high}).",
                list=added,
                change=_signed(-gain["value"], language),
                low=_signed(-gain["high"], language),
                high=_signed(-gain["low"], language),
            )
        )
    return lines


def _judged(gap: dict[str, Any]) -> str:
    """The sentence for what happened less what was said, its places not filled."""
    clear = gap["low"] is not None and (gap["low"] > 0 or gap["high"] < 0)
    if not clear:
        return to_say(
            "{group}: {people} people, said {expected}, happened {observed}: cannot tell it is wrong."
        )
    if gap["value"] > 0:
        return to_say("{group}: {people} people, said {expected}, happened {observed}: too low.")
    return to_say("{group}: {people} people, said {expected}, happened {observed}: too high.")


COMPARED = {
    "brier": {
        "better": to_say(
            "Brier score: predictor {ours}, instrument {theirs}. Difference {gain} ({low} to {high}): better."
        ),
        "worse": to_say(
            "Brier score: predictor {ours}, instrument {theirs}. Difference {gain} ({low} to {high}): worse."
        ),
        "cannot be told apart": to_say(
            "Brier score: predictor {ours}, instrument {theirs}. Difference {gain} ({low} to {high}): cannot be told "
            "apart."
        ),
    },
    "auc": {
        "better": to_say(
            "AUC: predictor {ours}, instrument {theirs}. Difference {gain} ({low} to {high}): better."
        ),
        "worse": to_say(
            "AUC: predictor {ours}, instrument {theirs}. Difference {gain} ({low} to {high}): worse."
        ),
        "cannot be told apart": to_say(
            "AUC: predictor {ours}, instrument {theirs}. Difference {gain} ({low} to {high}): cannot be told apart."
        ),
    },
}
"""By measure, then by the verdict of ``predictors.compare``."""


def comparison(found: dict[str, Any], language: Language = ENGLISH) -> list[str]:
    """The predictor beside the instrument, for a person."""
    say = language.say
    lines = [
        say(
            "{people} people with a score of {instrument}; {without} without.",
            people=found["people"],
            instrument=str(found["instrument"]),
            without=found["without_its_score"],
        )
    ]
    for name, digits in (("brier", 4), ("auc", 3)):
        gain = found["better_by"][name]
        sentence = COMPARED[name][gain["verdict"]]
        lines.append(
            say(
                sentence,
                ours=_with(found["predictor"][name], language, digits),
                theirs=_with(found["instrument_measured"][name], language, digits),
                gain=language.decimal(gain["value"], digits),
                low=language.decimal(gain["low"], digits),
                high=language.decimal(gain["high"], digits),
            )
        )
    lines.append(say("A better score overall may still be worse for a group: see --json, groups."))
    return lines


def _with(measure: dict[str, Any], language: Language, digits: int = 4) -> str:
    if measure["value"] is None:
        return language.say("not known")
    value = language.decimal(measure["value"], digits)
    if measure["low"] is None:
        return value
    return language.say(
        "{value} ({low} to {high})",
        value=value,
        low=language.decimal(measure["low"], digits),
        high=language.decimal(measure["high"], digits),
    )


def _signed(value: float, language: Language) -> str:
    sign = "-" if math.copysign(1, value) < 0 else "+"
    return sign + language.decimal(abs(value), 5)
