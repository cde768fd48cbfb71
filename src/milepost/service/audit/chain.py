"""Checks that nobody rewrote the log. Pure and streaming: entries come one by one, memory does not grow.

What the chain alone shows: an entry changed, removed, put elsewhere, or a second history that branches off.
What it cannot show: that *everything* after some entry was written anew, seals included. That is what
checkpoints are for which are kept where the log's keepers have no hand in: the root over entries 1 to n then
differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from milepost.service.audit.merkle import Growing
from milepost.service.audit.seal import FIRST_SEAL, seal_of
from milepost.service.audit.signing import Signed

SEARCHED = 2000
"""How far around an entry that does not fit is searched for the number under which it was sealed."""


class Wrong(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    FORKED = "forked"
    HEAD = "head mismatch"
    CHECKPOINT = "checkpoint mismatch"


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not fit, what is wrong with it, and that in words."""

    number: int
    wrong: Wrong
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    checked: int
    """Entries that were read and fit, from 1 on."""
    last_seal: str
    root: str
    """Merkle root over those, in hexadecimal."""
    checkpoints: int
    """Checkpoints that fit."""
    signed_until: int = 0
    """The last entry that a fitting checkpoint covers; 0: none does."""
    broken: Break | None = None


def verify(
    entries: Iterable[Mapping[str, Any]],
    *,
    checkpoints: Sequence[Signed] = (),
    head: tuple[int, str] | None = None,
    trusted_keys: Iterable[str] = (),
) -> Outcome:
    """Reads ``entries`` in the order of their numbers and stops at the first that does not fit.

    ``entries`` are all that there are, whatever ``head`` says: the number and seal that the log says are its last.
    ``trusted_keys`` are public keys in hexadecimal; where any are given, a checkpoint signed by another key is a
    mismatch.
    """
    keys = set(trusted_keys)
    for checkpoint in checkpoints:
        if not checkpoint.is_good():
            return _stop(0, "", Growing(), 0, checkpoint.number, Wrong.CHECKPOINT,
                         "its signature is not of its key and content")  # fmt: skip
        if keys and checkpoint.public_key not in keys:
            return _stop(0, "", Growing(), 0, checkpoint.number, Wrong.CHECKPOINT,
                         f"it is signed by another key ({checkpoint.public_key[:16]}...)")  # fmt: skip
    waiting = sorted(checkpoints, key=lambda c: c.number, reverse=True)
    tree, last, fit, signed_until = Growing(), FIRST_SEAL, 0, 0
    for entry in entries:
        due = tree.size + 1
        broken = _fault(entry, due, last)
        if broken is not None:
            return Outcome(tree.size, last, tree.root().hex(), fit, signed_until, broken)
        last = entry["seal"]
        tree.append(bytes.fromhex(last))
        while waiting and waiting[-1].number == due:
            if waiting.pop().root != tree.root().hex():
                return _stop(tree.size, last, tree, fit, due, Wrong.CHECKPOINT,
                             "the entries up to here are not those that were signed")  # fmt: skip
            fit, signed_until = fit + 1, due
    if head is not None and head != (tree.size, last):
        if head[0] > tree.size:
            return _stop(tree.size, last, tree, fit, tree.size + 1, Wrong.MISSING,
                         f"the log ends at {tree.size}, but its head is {head[0]}")  # fmt: skip
        text = (f"the log's head says that it ends at {head[0]}, but entries go on to {tree.size}"
                if head[0] < tree.size else f"the log's head is {head[0]} with another seal")  # fmt: skip
        return _stop(tree.size, last, tree, fit, min(head[0] + 1, tree.size), Wrong.HEAD, text)
    if waiting:
        return _stop(tree.size, last, tree, fit, tree.size + 1, Wrong.MISSING,
                     f"a checkpoint covers {waiting[-1].number} entries, the log ends at {tree.size}")  # fmt: skip
    return Outcome(tree.size, last, tree.root().hex(), fit, signed_until)


def _stop(checked: int, last: str, tree: Growing, fit: int, number: int, wrong: Wrong, text: str) -> Outcome:
    return Outcome(checked, last, tree.root().hex(), fit, broken=Break(number, wrong, text))


def _fault(entry: Mapping[str, Any], due: int, last: str) -> Break | None:
    try:
        number, seal = int(entry["number"]), str(entry["seal"])
        fits = seal_of(entry) == seal
        bytes.fromhex(seal)
    except (KeyError, TypeError, ValueError) as error:
        return Break(due, Wrong.CHANGED, f"it cannot be read as an entry ({error})")
    if not fits:
        meant = _sealed_as(entry, number)
        if meant is not None:
            return Break(number, Wrong.REORDERED, f"it was sealed as entry {meant}")
        return Break(number, Wrong.CHANGED, "its content is not what was sealed")
    if number < due:
        return Break(number, Wrong.REORDERED, f"it comes again or too late: {due} was due")
    if number > due:
        gap = str(due) if number == due + 1 else f"{due} to {number - 1}"
        return Break(due, Wrong.MISSING, f"after {due - 1} comes {number}: {gap} is gone")
    if entry["previous_seal"] != last:
        return Break(
            number,
            Wrong.FORKED,
            f"it follows another entry than the {due - 1} that is here, which was replaced",
        )
    return None


def _sealed_as(entry: Mapping[str, Any], number: int) -> int | None:
    """The number near ``number`` under which the entry's seal is right, if there is one."""
    for distance in range(1, SEARCHED):
        for candidate in (number - distance, number + distance):
            if candidate > 0 and seal_of({**entry, "number": candidate}) == entry["seal"]:
                return candidate
    return None
