"""Rules that an answer must keep before an instrument may score it; each one names the field and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from milepost.risk.calendar import add_months, completed_years
from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.offences import UNKNOWN, offences
from milepost.risk.rows import Array, Rows

LIMITS = load("ogrs4.toml")["limits"]
SEXUAL_COUNTS = (
    "contact_adult_sanctions",
    "contact_child_sanctions",
    "image_sanctions",
    "non_contact_sanctions",
)

DRUGS = tuple(
    name for name in field_table() if name.startswith("drug_")
    and name not in ("drug_motivation", "drug_methadone", "drug_misuse_current")
)  # fmt: skip
"""The drugs of the ARP: methadone is not one of them."""


@dataclass(frozen=True, slots=True)
class Check:
    """``fails`` gives True for rows that break the rule; a row that lacks the answer does not break it.

    ``kind`` is ``missing`` (the answer is not there) or ``invalid`` (it cannot be right).
    """

    key: str
    kind: Literal["missing", "invalid"]
    field: str
    message: str
    remedy: str
    fails: Callable[[Rows], Array]

    def mask(self, rows: Rows) -> Array:
        """Asked for often, so kept under the check's own key, ready made; no derived column may have that name."""
        return rows.keep(self.key, partial(self.fails, rows))


def missing(field: str) -> Check:
    """The field must be answered."""
    label = field_table()[field].label
    return Check(
        f"missing {field}", "missing", field, f"{label} is not answered", "Answer it.",
        lambda rows: rows.missing(field),
    )  # fmt: skip


def _man_with_history(rows: Rows) -> Array:
    """Whom the sexual predictors' rules concern: not women, not those without a sexual offence."""
    return ~((rows["sex"] == 1) | (rows["ever_sexual_offence"] == 0))


def _sexual_total(rows: Rows) -> Array:
    return rows.keep(
        "sexual_total", lambda: np.nansum(np.stack([rows[name] for name in SEXUAL_COUNTS]), axis=0)
    )


def last_sexual_offence_age(rows: Rows) -> Array:
    """Completed years; NaN where there is no date."""
    return completed_years(
        rows.month_and_day("date_of_birth"), rows.month_and_day("last_sexual_offence_date")
    )


def _any_drug(rows: Rows) -> Array:
    return np.logical_or.reduce([rows[name] == 1 for name in DRUGS])


def _all_zero(rows: Rows) -> Array:
    return np.logical_and.reduce([rows[name] == 0 for name in SEXUAL_COUNTS])


def _any_above_zero(rows: Rows) -> Array:
    return np.logical_or.reduce([rows[name] > 0 for name in SEXUAL_COUNTS])


_MAX_AGE = LIMITS["age_max_years"]
_MONTHS = LIMITS["conviction_after_assessment_max_months"]
_RULES: tuple[tuple[str, str, str, str, Callable[[Rows], Array]], ...] = (
    ("sanctions range", "sanctions",
     f"The number of sanctions is not from {LIMITS['sanctions_min']} to {LIMITS['sanctions_max']}",
     "Count the current sanction and all before it.",
     lambda r: (r["sanctions"] < LIMITS["sanctions_min"]) | (r["sanctions"] > LIMITS["sanctions_max"])),
    ("sanctions at least one", "sanctions", "The number of sanctions is less than one",
     "Count the current sanction too.", lambda r: r["sanctions"] < LIMITS["sanctions_min"]),
    ("violent range", "violent_sanctions", "Sanctions for violence are negative or more than all sanctions",
     "Correct one of the two counts.",
     lambda r: (r["violent_sanctions"] < 0) | (r["violent_sanctions"] > r["sanctions"])),
    ("offence format", "offence_code", "The offence code is not five digits",
     "Enter the Home Office code: three digits of the class and two of the sub-class, leading zeros included.",
     lambda r: (r["offence_code"] < 0)),
    ("offence unknown", "offence_code", "The offence code is not in the actuarial table of offences",
     "Use the current Home Office code of this offence.",
     lambda r: ~r.missing("offence_code") & (r["offence_code"] >= 0) & (r.category == UNKNOWN)),
    ("first sanction range", "age_at_first_sanction",
     f"The age at first sanction is not from 0 to {_MAX_AGE}", "Enter the age in completed years.",
     lambda r: (r["age_at_first_sanction"] < 0) | (r["age_at_first_sanction"] > _MAX_AGE)),
    ("conviction before birth", "conviction_date", "The conviction is not after the date of birth",
     "Correct one of the two dates.", lambda r: r["conviction_date"] <= r["date_of_birth"]),
    ("first sanction after conviction", "age_at_first_sanction",
     "The age at first sanction is above the age at the current conviction", "Correct the age or a date.",
     lambda r: (r["conviction_date"] > r["date_of_birth"]) & (r.career_years < 0)),
    ("conviction after assessment", "conviction_date",
     f"The conviction is more than {_MONTHS} months after the assessment", "Correct one of the two dates.",
     lambda r: r["conviction_date"] > add_months(r.month_and_day("assessment_date"), _MONTHS)),
    ("start before birth", "community_date", "The start of the time at risk is not after the date of birth",
     "Correct one of the two dates.", lambda r: r["community_date"] <= r["date_of_birth"]),
    ("start age", "community_date", f"The person is over {_MAX_AGE} at the start of the time at risk",
     "Correct the date of birth or the start.",
     lambda r: (r["community_date"] > r["date_of_birth"]) & (r.age_start > _MAX_AGE)),
    ("motivation without answer", "drug_motivation",
     "A drug is used but the motivation to tackle drug misuse is not answered", "Answer question 8.8.",
     lambda r: r.missing("drug_motivation") & _any_drug(r)),
    ("sexual none", "contact_adult_sanctions",
     "A sexual offence is recorded but every count of sexual sanctions is 0",
     "Count at least one sexual sanction, or record that there was no sexual offence.",
     lambda r: _man_with_history(r) & _all_zero(r)),
    ("sexual more than all", "sanctions", "There are more sexual sanctions than sanctions in all",
     "Correct the counts.", lambda r: _man_with_history(r) & (_sexual_total(r) > r["sanctions"])),
    ("sexual unexpected", "ever_sexual_offence",
     "Sexual sanctions are counted but a sexual offence is not recorded",
     "Record the sexual offence, or clear the counts.",
     lambda r: ~((r["sex"] == 1) | (r["ever_sexual_offence"] == 1)) & _any_above_zero(r)),
    ("sexual sanctions range", "sanctions",
     f"The number of sanctions is not from {LIMITS['sanctions_min']} to {LIMITS['sanctions_max']}",
     "Count the current sanction and all before it.",
     lambda r: _man_with_history(r)
     & ((r["sanctions"] < LIMITS["sanctions_min"]) | (r["sanctions"] > LIMITS["sanctions_max"]))),
    ("sexual offence before birth", "last_sexual_offence_date",
     "The most recent sexual offence is not after the date of birth", "Correct one of the two dates.",
     lambda r: (r["sex"] == 0) & (r["ever_sexual_offence"] == 1)
     & (r["last_sexual_offence_date"] <= r["date_of_birth"])),
    ("sexual start before birth", "community_date",
     "The start of the time at risk is not after the date of birth", "Correct one of the two dates.",
     lambda r: _man_with_history(r) & (r["community_date"] <= r["date_of_birth"])),
    ("sexual start age", "community_date", f"The person is over {_MAX_AGE} at the start of the time at risk",
     "Correct the date of birth or the start.",
     lambda r: _man_with_history(r) & (r["community_date"] > r["date_of_birth"]) & (r.age_start > _MAX_AGE)),
    ("ogrs3 exact offence", "offence_code", "OGRS3 needs the exact offence; this code is for a class of offences",
     "Enter the code of the exact offence.", lambda r: offences().needs_exact_offence[r.code]),
    ("ogrs3 offence unknown", "offence_code", "The offence code has no OGRS3 weight",
     "Use a code of the 2025 table of offence weights.",
     lambda r: (r["offence_code"] >= 0) & np.isnan(offences().weights["ogrs3"][r.code])
     & ~offences().needs_exact_offence[r.code]),
    ("snsv offence unknown", "offence_code", "The offence code has no SNSV weight",
     "Use a code of the 2025 table of offence weights.",
     lambda r: (r["offence_code"] >= 0) & np.isnan(offences().weights["snsv_static"][r.code])),
    ("conviction under ten", "conviction_date", "The person is under 10 at the current conviction",
     "Correct the date of birth or of the conviction.",
     lambda r: r.age_conviction < load("legacy.toml")["limits"]["conviction_age_min"]),
    ("start under ten", "community_date", "The person is under 10 at the start of the time at risk",
     "Correct the date of birth or the start.",
     lambda r: r.age_start < load("legacy.toml")["limits"]["conviction_age_min"]),
    ("ovp under 18", "community_date", "OVP has no points for people under 18", "OVP is for adults.",
     lambda r: r.age_start < load("legacy.toml")["ovp"]["age_min"]),
    ("start before conviction", "community_date",
     "The start of the time at risk is before the current conviction", "Correct one of the two dates.",
     lambda r: r["community_date"] < r["conviction_date"]),
    ("legacy sexual unexpected", "ever_sexual_offence",
     "Counts of sexual sanctions are answered but a sexual offence is not recorded",
     "Record the sexual offence, or clear the counts.",
     lambda r: (r["sex"] == 0) & (r["ever_sexual_offence"] == 0)
     & ~np.logical_and.reduce([r.missing(name) for name in SEXUAL_COUNTS])),
    ("last sexual offence under ten", "last_sexual_offence_date",
     "The person is under 10 at the most recent sexual offence", "Correct one of the two dates.",
     lambda r: (last_sexual_offence_age(r) < load("legacy.toml")["limits"]["conviction_age_min"])),
    ("start missing", "community_date", "Neither the start of the time at risk nor the conviction is dated",
     "Enter one of the two dates.", lambda r: np.isnan(r.start_days())),
    ("abuse of partner missing", "domestic_abuse_partner",
     "Domestic abuse is recorded but not whether it was of a partner", "Answer question 6.7.",
     lambda r: (r["domestic_abuse"] == 1) & r.missing("domestic_abuse_partner")),
    ("abuse inconsistent", "domestic_abuse",
     "Domestic abuse of a partner or family is answered but domestic abuse is not recorded",
     "Answer question 6.7 first.",
     lambda r: (r["domestic_abuse"] != 1)
     & ~(r.missing("domestic_abuse_partner") & r.missing("domestic_abuse_family"))),
)  # fmt: skip

_ABSENCES = ("start missing", "abuse of partner missing", "motivation without answer")
RULES = {key: Check(key, "missing" if key in _ABSENCES else "invalid", field, message, remedy, fails)
         for key, field, message, remedy, fails in _RULES}  # fmt: skip


def missing_for_men_with_history(*fields: str) -> tuple[Check, ...]:
    """The fields must be answered, except for women and for people without a sexual offence."""

    def check(field: str) -> Check:
        plain = missing(field)
        return Check(
            f"{plain.key} for men with a sexual offence", "missing", field, plain.message, plain.remedy,
            lambda rows: _man_with_history(rows) & rows.missing(field),
        )  # fmt: skip

    return tuple(check(field) for field in fields)


def needed(*fields: str, rules: tuple[str, ...] = ()) -> tuple[Check, ...]:
    """The checks that these fields are answered and these rules kept."""
    return tuple(missing(field) for field in fields) + tuple(RULES[rule] for rule in rules)


def failing(checks: tuple[Check, ...], rows: Rows) -> Array:
    """True for rows that fail any of the checks."""
    result = np.zeros(rows.n, bool)
    for check in checks:
        result |= check.mask(rows)
    return result
