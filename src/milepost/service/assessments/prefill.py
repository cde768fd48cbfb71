"""What a new version begins with: what records say, and what the version before it says. Newer beats older."""

from __future__ import annotations

from django.utils.translation import gettext as _

from milepost.service.assessments.models import Answer, Assessment, RecordedFact
from milepost.service.assessments.vocabulary import questions


def prefilled(assessment: Assessment, before: Assessment | None) -> list[Answer]:
    """Answers to confirm, not saved yet: from recorded facts, and from the version before.

    What was not known then waits as not known: it is asked again, and one click says that it is not known still.
    """
    found: dict[str, Answer] = {}
    if before is not None:
        for old in before.answers.all():
            name = old.source_name if old.source == Answer.Source.RECORD else ""
            found[old.question] = Answer(
                assessment=assessment, question=old.question, value=old.value, unknown=old.unknown,
                source=Answer.Source.PREVIOUS, source_name=name or _("version %(number)s") % {"number": before.number},
                as_of=old.as_of, confirmed=False,
            )  # fmt: skip
    facts = RecordedFact.objects.filter(person=assessment.person).order_by("as_of", "pk")
    for fact in facts:
        known = found.get(fact.question)
        if known is None or fact.as_of >= known.as_of:
            found[fact.question] = Answer(
                assessment=assessment, question=fact.question, value=fact.value, source=Answer.Source.RECORD,
                source_name=fact.source, as_of=fact.as_of, confirmed=False,
            )  # fmt: skip
    return [answer for key, answer in found.items() if key in questions()]


def copied(before: Assessment, into: Assessment) -> list[Answer]:
    """Every answer as it was, with its source: for a correction."""
    return [
        Answer(
            assessment=into, question=old.question, value=old.value, unknown=old.unknown, source=old.source,
            source_name=old.source_name, as_of=old.as_of, note=old.note, confirmed=True, by_id=old.by_id,
            at_utc=old.at_utc,
        )
        for old in before.answers.all()
        if old.question in questions()
    ]  # fmt: skip
