"""The log in the database: read it as a stream, sign a checkpoint, check it, export it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.db.models import Subquery

from milepost.service.audit.chain import Break, Outcome, Wrong, verify
from milepost.service.audit.kept import read_all
from milepost.service.audit.models import Checkpoint, Entry, Head, Verification
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit.seal import FIRST_SEAL, SEALED
from milepost.service.audit.signing import Signed, key_from, key_in, public_key_of, sign
from milepost.service.kit.files import make_folder

FIELDS = (*SEALED, "seal")
KEY_FILE = "audit.key"
FORMAT = 1


class NotSound(Exception):
    """The log does not fit its seals or its checkpoints; ``outcome`` says where."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.broken.text if outcome.broken else "")
        self.outcome = outcome


class NothingToSign(ValueError):
    """There is no entry yet."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command at the terminal, as the log names it."""

    name: str
    audit_role: str = "command"

    @property
    def audit_name(self) -> str:
        return f"command:{self.name}"


def key() -> Ed25519PrivateKey:
    """The key that signs: of MILEPOST_AUDIT_KEY, or of the file in the folder of data, made if need be."""
    if settings.AUDIT_KEY:
        return key_from(settings.AUDIT_KEY)
    return key_in(make_folder(Path(settings.DATA)) / KEY_FILE)


def known_key() -> Ed25519PrivateKey | None:
    """The key that signs, if there is one already: nothing is made."""
    if settings.AUDIT_KEY or (Path(settings.DATA) / KEY_FILE).exists():
        return key()
    return None


def entries(up_to: int | None = None) -> Iterator[dict[str, Any]]:
    """Every entry in the order of numbers, read in pieces."""
    rows = Entry.objects.order_by("number").values(*FIELDS)
    if up_to is not None:
        rows = rows.filter(number__lte=up_to)
    return rows.iterator(chunk_size=2000)


def checkpoints() -> list[Signed]:
    names = ("number", "at_us", "root", "signature", "public_key")
    return [Signed(**row) for row in Checkpoint.objects.order_by("number").values(*names)]


def head() -> tuple[int, str]:
    """Number and seal of the last entry, as the log's head has them."""
    row = Head.objects.filter(only_row=1).values_list("number", "seal").first()
    return row or (0, FIRST_SEAL)


def _standing() -> tuple[tuple[int, str], int]:
    """What the head says, and the highest number that is there, both of one moment."""
    highest = Entry.objects.order_by("-number").values("number")[:1]
    row = (
        Head.objects.filter(only_row=1)
        .annotate(highest=Subquery(highest))
        .values_list("number", "seal", "highest")
    )
    if found := row.first():
        return (found[0], found[1]), found[2] or 0
    return (0, FIRST_SEAL), highest.values_list("number", flat=True).first() or 0


def kept() -> list[Signed]:
    """Checkpoints in the folder into which upkeep hands them out. Raises NotKept."""
    return read_all(Path(settings.CHECKPOINT_FOLDER))


def check(outside: list[Signed] | None = None, trusted_keys: list[str] | None = None) -> Outcome:
    """Checks all entries that there are, with the log's own checkpoints, those that were handed out to the folder, and
    those from ``outside``, and notes the outcome. The head is compared with the entries, never believed.

    Of entries that are appended meanwhile only the first is looked at. Without ``trusted_keys`` the keys of the outside
    checkpoints are trusted, or else the key of this installation.

    Raises:
        NotKept: a handed out checkpoint cannot be read.
    """
    outside = outside or []
    keys = trusted_keys or [c.public_key for c in outside] or [public_key_of(key())]
    own = checkpoints()
    more = [signed for signed in kept() if signed not in own and signed not in outside]
    last, highest = _standing()
    outcome = verify(entries(highest), checkpoints=[*own, *more, *outside], head=last, trusted_keys=keys)
    after = Entry.objects.filter(number__gt=highest).order_by("number").first()
    if outcome.broken is None and after is not None and after.previous_seal != outcome.last_seal:
        text = f"it stands after {highest}, but does not follow it"
        outcome = replace(outcome, broken=Break(after.number, Wrong.FORKED, text))
    Verification.objects.create(
        at_us=time.time_ns() // 1000,
        checked=outcome.checked,
        checkpoints=outcome.checkpoints,
        wrong=str(outcome.broken.wrong) if outcome.broken else "",
        broken_number=outcome.broken.number if outcome.broken else None,
    )
    return outcome


def make_checkpoint() -> Signed:
    """Signs the root over all entries there are, after checking them all, and notes the outcome of the check.

    Raises:
        NotSound: the log does not fit; nothing is signed.
        NotKept: a handed out checkpoint cannot be read.
        NothingToSign: the log is empty.
        ValueError: the key cannot be used.
    """
    outcome = check()
    if outcome.broken is not None:
        raise NotSound(outcome)
    if outcome.checked == 0:
        raise NothingToSign("The log is empty: there is nothing to sign yet.")
    known = Checkpoint.objects.filter(number=outcome.checked).first()
    if known is not None:
        return Signed(known.number, known.at_us, known.root, known.signature, known.public_key)
    signed = sign(key(), number=outcome.checked, at_us=time.time_ns() // 1000, root=outcome.root)
    Checkpoint.objects.create(**asdict(signed))
    return signed


def export(out: TextIO, *, recipient: str, reason: str) -> int:
    """Writes the log as JSON lines: a heading, the entries, the checkpoints. The export is itself logged first.

    Returns the number of entries. `milepost audit verify FILE` checks such a file anywhere, with no database.
    """
    with transaction.atomic():
        write(
            by=Command("audit export"), operation=Operation.DISCLOSURE, what="audit.export",
            recipient=recipient, reason=reason,
        )  # fmt: skip
    number, seal = head()
    heading = {"milepost_audit": FORMAT, "head": {"number": number, "seal": seal}}
    out.write(json.dumps(heading) + "\n")
    for entry in entries(number):
        out.write(json.dumps({"entry": entry}, ensure_ascii=False) + "\n")
    for checkpoint in checkpoints():
        out.write(json.dumps({"checkpoint": asdict(checkpoint)}) + "\n")
    return number
