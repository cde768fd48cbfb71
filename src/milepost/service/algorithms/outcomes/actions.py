"""Files of outcomes: taken in, and withdrawn where one was wrong. Good rows go in, bad rows come back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.models import Outcome, OutcomeFile
from milepost.service.algorithms.outcomes.read import NoOutcomes, OutcomeRow, OutcomesRead, read_outcomes
from milepost.service.algorithms.policy_data import outcome_numbers
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused, need
from milepost.service.people.models import Person

ROWS_AT_ONCE = 500


def take_in(*, by: User, name: str, content: bytes, source: str) -> OutcomeFile:
    """Records the good rows of a file, all at once. The same file a second time is refused, and changes nothing.

    Raises ``Refused`` with the reason where nothing can be taken in.
    """
    need(by, Permission.MANAGE_ALGORITHMS)
    if len(content) > outcome_numbers().limits.largest_bytes:
        raise Refused({"file": _("The file is too large. Split it.")})
    try:
        read = read_outcomes(content, today=today())
    except NoOutcomes as error:
        raise Refused({"file": _why(error)}) from None
    if not read.rows:
        raise Refused({"file": _("The file has no rows. Choose another.")})
    digest = hashlib.sha256(content).hexdigest()
    again = _("This file has already been imported. Withdraw it first if it was wrong.")
    if OutcomeFile.objects.filter(sha256=digest, withdrawn_utc=None).exists():
        raise Refused({"file": again})
    try:
        with transaction.atomic():
            return _keep(read, OutcomeFile(name=name[:120], sha256=digest, source=source, by=by))
    except IntegrityError:  # somebody else was quicker with the same file
        raise Refused({"file": again}) from None


def _why(error: NoOutcomes) -> str:
    if error.code == "column":
        return _("There is no column %(name)s. Add it to the first line.") % {"name": error.column}
    if error.code == "rows":
        return _("The file has more than %(n)s rows. Split it.") % {"n": outcome_numbers().limits.most_rows}
    return _("This is not a text file. Save it as CSV (UTF-8).")


def _keep(read: OutcomesRead, file: OutcomeFile) -> OutcomeFile:
    people = _people(read.good)
    known, own = _known(list(people.values())), set[tuple[object, ...]]()
    made: list[Outcome] = []
    for row in read.good:
        person = people.get(row.reference)
        if person is None:
            read.bad.append({"row": row.row, "field": "reference", "code": "nobody"})
            continue
        what = (person, row.kind, row.happened_on, row.followed_until)
        if what in own:
            file.rows_known += 1
            continue
        own.add(what)
        file.rows_known += what in known  # kept all the same: the file that said it first may be withdrawn
        made.append(
            Outcome(
                person_id=person, kind=row.kind, happened_on=row.happened_on, followed_until=row.followed_until,
                file=file,
            )
        )  # fmt: skip
    read.bad.sort(key=lambda problem: int(problem["row"]))
    file.rows_read, file.rows_kept, file.rows_bad = read.rows, len(made), len(read.bad)
    file.problems = read.bad[: outcome_numbers().limits.problems_kept]
    file.save()
    Outcome.objects.bulk_create(made, batch_size=ROWS_AT_ONCE)
    details = {"file": file.pk, "sha256": file.sha256, "kept": file.rows_kept, "bad": file.rows_bad}
    write(by=file.by, operation=Operation.COLLECTION, what="outcomes.take_in", details=details)
    return file


def _people(rows: Sequence[OutcomeRow]) -> dict[str, int]:
    """Keys of people by reference. Restricted records among them: leaving them out would bend every figure."""
    references, found = sorted({one.reference for one in rows}), dict[str, int]()
    for begin in range(0, len(references), ROWS_AT_ONCE):
        some = references[begin : begin + ROWS_AT_ONCE]
        found.update(Person.objects.filter(reference__in=some).values_list("reference", "pk"))
    return found


def _known(people: Sequence[int]) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for begin in range(0, len(people), ROWS_AT_ONCE):
        rows = Outcome.objects.filter(
            person__in=people[begin : begin + ROWS_AT_ONCE], file__withdrawn_utc=None
        )
        found.update(rows.values_list("person_id", "kind", "happened_on", "followed_until"))
    return found


@transaction.atomic
def withdraw(*, file: OutcomeFile, by: User, why: str) -> None:
    """The file counts no longer. What it alone said is not known any more; nothing is deleted."""
    need(by, Permission.MANAGE_ALGORITHMS)
    held = OutcomeFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if held.withdrawn_utc is not None:
        raise Refused(_("It was withdrawn already."))
    held.withdrawn_by, held.withdrawn_utc, held.withdrawn_why = by, clock.now_utc(), why
    held.save(update_fields=["withdrawn_by", "withdrawn_utc", "withdrawn_why"])
    details = {"file": held.pk, "sha256": held.sha256}
    write(by=by, operation=Operation.ALTERATION, what="outcomes.withdraw", reason=why, details=details)
