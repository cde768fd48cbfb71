"""Words of groups, states and kinds; and the library's sentences once more, so that they are found for translation."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from milepost.service.algorithms.models import PredictorStep

GROUPS: dict[str, str | Promise] = {
    "male": _("male"), "female": _("female"), "Asian": _("Asian"), "Black": _("Black"), "Mixed": _("Mixed"),
    "White": _("White"), "Other": _("Other ethnic group"), "not known": _("not known"), "everybody": _("everybody"),
}  # fmt: skip
PREDICTOR_STATES: dict[str, str | Promise] = {
    "trained": _("Trained: for measuring only"),
    "shadow": _("In shadow: its scores are stored and shown to nobody"),
    "approved": _("Approved for use"),
    "retired": _("Retired"),
}
STEPS: dict[str, str | Promise] = {
    "shadow": _("Watch in shadow"), "approved": _("Approve for use"), "retired": _("Retire"),
}  # fmt: skip
STEP_STATES: dict[str, str | Promise] = {
    PredictorStep.State.WAITING: _("waits for a second person"),
    PredictorStep.State.DONE: _("done"),
    PredictorStep.State.REFUSED: _("refused by the second person"),
}
KINDS: dict[str, str | Promise] = {
    "instrument": _("Actuarial instruments"),
    "tier": _("Tier"),
    "rules": _("Rule tables of monitoring"),
    "rank": _("Order of today's work"),
    "predictor": _("Predictors trained by the area"),
    "other": _("Others"),
}


def group_words(label: str) -> str:
    """A label of a group; age bands in words of the language."""
    if label in GROUPS:
        return str(GROUPS[label])
    if label.startswith("under "):
        return gettext("under %(age)s") % {"age": label.removeprefix("under ")}
    if label.endswith(" and over"):
        return gettext("%(age)s and over") % {"age": label.removesuffix(" and over")}
    if " to " in label:
        low, _to, high = label.partition(" to ")
        return gettext("%(low)s to %(high)s") % {"low": low, "high": high}
    return label


OF_THE_LIBRARY = (
    gettext_noop("Share %(selected)s"),
    gettext_noop("Mean probability given"),
    gettext_noop("Share %(outcome)s"),
    gettext_noop("Probability given, less what happened"),
    gettext_noop("Calibration slope (1 is ideal)"),
    gettext_noop("Brier score (lower is better)"),
    gettext_noop("AUC (0.5 is chance, 1 is perfect order)"),
    gettext_noop("Share %(selected)s, of those not %(outcome)s"),
    gettext_noop("Share not %(selected)s, of those %(outcome)s"),
    gettext_noop("Share %(outcome)s, of those %(selected)s"),
    gettext_noop("sex"),
    gettext_noop("ethnicity"),
    gettext_noop("age"),
    gettext_noop("Fewer than %(minimum)s people: nothing can be shown."),
    gettext_noop(
        "%(groups)s groups are not shown. They have fewer than %(minimum)s people, or would give away a group"
        " that has."
    ),
    gettext_noop(
        "%(group)s: higher. %(measure)s: %(value)s; other groups shown: %(others)s. The difference is likely "
        "%(low)s to %(high)s, more than chance would explain."
    ),
    gettext_noop(
        "%(group)s: lower. %(measure)s: %(value)s; other groups shown: %(others)s. The difference is likely "
        "%(low)s to %(high)s, more than chance would explain."
    ),
    gettext_noop(
        "Perhaps higher: %(measure)s, for %(groups)s. With so many comparisons, chance alone may explain it."
    ),
    gettext_noop(
        "Perhaps lower: %(measure)s, for %(groups)s. With so many comparisons, chance alone may explain it."
    ),
    gettext_noop(
        "%(measure)s: we cannot tell for %(groups)s. It could be the same as in the other groups shown, or "
        "differ by as much as %(widest)s."
    ),
    gettext_noop("%(measure)s: similar for %(groups)s, to within %(widest)s of the other groups shown."),
    gettext_noop(
        "%(group)s: the score is too high. It is %(value)s above what happened, likely between %(low)s and "
        "%(high)s."
    ),
    gettext_noop(
        "%(group)s: the score is too low. It is %(value)s below what happened, likely between %(low)s and "
        "%(high)s."
    ),
    gettext_noop(
        "The score is perhaps too high for %(groups)s. With so many comparisons, chance alone may explain it."
    ),
    gettext_noop(
        "The score is perhaps too low for %(groups)s. With so many comparisons, chance alone may explain it."
    ),
    gettext_noop(
        "We cannot tell for %(groups)s whether the score is too high or too low. It may be right, or off by "
        "as much as %(widest)s."
    ),
    gettext_noop("The score is right on average for %(groups)s, to within %(widest)s."),
    gettext_noop("%(group)s: high and low scores are too close together (slope %(value)s)."),
    gettext_noop("%(group)s: high and low scores are too far apart (slope %(value)s)."),
    gettext_noop(
        "High and low scores are perhaps too close together for %(groups)s. With so many comparisons, chance "
        "alone may explain it."
    ),
    gettext_noop(
        "High and low scores are perhaps too far apart for %(groups)s. With so many comparisons, chance alone "
        "may explain it."
    ),
    gettext_noop(
        "We cannot tell for %(groups)s whether high and low scores are too close together or too far apart: "
        "the slope may be 1, or off by as much as %(widest)s."
    ),
    gettext_noop(
        "Whether “%(outcome)s” is not known for %(share)s of people. Unknown is not counted as no: they are "
        "left out of everything that needs it. If they are unlike the others, so is the truth."
    ),
    gettext_noop("%(attribute)s is not known for %(share)s of people. They are in no group."),
    gettext_noop(
        "To be %(outcome)s is not equally common in all groups (by %(attribute)s). Then no score and no rule "
        "can be equally right for each group and also make equal errors in each (Kleinberg and others 2016). "
        "Which of the two matters more is for people to decide, and to say."
    ),
    gettext_noop(
        "To be %(outcome)s is not equally common: %(low_rate)s for %(low_group)s, %(high_rate)s for "
        "%(high_group)s. Then no score and no rule can be equally right for each group and also make equal "
        "errors in each (Kleinberg and others 2016). With equal rightness, errors about people without it "
        "would be %(low_errors)s and %(high_errors)s (Chouldechova 2017). Which matters more is for people to"
        " decide, and to say."
    ),
    gettext_noop(
        "%(comparisons)s comparisons were made. About %(by_chance)s of the plain intervals would leave out no"
        " difference by chance alone; only what is called higher or lower above allows for that."
    ),
    gettext_noop("and %(n)s smaller groups"),
    gettext_noop("%(n)s smaller groups"),
    gettext_noop("higher"),
    gettext_noop("lower"),
    gettext_noop("perhaps higher"),
    gettext_noop("perhaps lower"),
    gettext_noop("cannot tell"),
    gettext_noop("similar"),
    gettext_noop("and"),
    gettext_noop("not known"),
    gettext_noop("everybody"),
    gettext_noop("too few to say"),
    gettext_noop("not known how sure"),
    gettext_noop("%(low)s to %(high)s"),
    gettext_noop("%(measure)s by %(attribute)s."),
    gettext_noop("The dashed line is everybody: %(value)s."),
    gettext_noop("The dashed line is where it should be."),
    gettext_noop("not shown: too few people, or it would give away a group of too few"),
    gettext_noop("predicted"),
    gettext_noop("happened"),
    gettext_noop("%(group)s: above the dashed line more happened than was predicted, below it less."),
)
"""Every sentence of ``milepost.risk.fairness`` that the page shows. A test compares them."""
RECORDS: dict[str, str | Promise] = {
    "atrs": _("Transparency record"),
    "card": _("Model card"),
    "dpia": _("Data protection appendix"),
    "equality": _("Equality appendix"),
}
"""Kinds of record."""
