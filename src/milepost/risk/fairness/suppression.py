"""Which groups are not shown: the small ones, and as many more as it takes that none can be worked out.

Whatever is printed of a group is made of sums over its people. Who has the sums of some sets of people can add and
subtract them; what can be reached so is exactly the span of the sets that are shown. So a group is safe if its
members, written as a row of ones and zeros over the smallest parts, do not lie in the span of the rows shown.
Source of the rule: secondary suppression, Hundepool and others, "Statistical Disclosure Control", 2012, chapter 4.
"""

from __future__ import annotations

import numpy as np

from milepost.risk.fairness.groups import Lattice
from milepost.risk.rows import Array

NEAR = 1e-7


def hidden_groups(groups: Lattice, minimum_people: int) -> Array:
    """Bool over the groups: not to be shown. Begins with those of too few people, then hides the smallest others.

    After it, no set of fewer than ``minimum_people`` that is a group, the rest of a group whose other parts are
    shown, or the difference of two shown groups, follows from what is shown.
    """
    people = np.array([groups.people_in(row) for row in groups.holds])
    hidden = people < minimum_people
    families = list(groups.partitions())
    while True:
        small = _small_sets(groups, families, hidden, people, minimum_people)
        found = _follows(groups.holds[~hidden], small)
        if not found.any():
            return _shown_again(groups, families, hidden, people, minimum_people)
        shown = np.flatnonzero(~hidden)
        weights = np.abs(np.linalg.pinv(groups.holds[shown].astype(float)).T @ small[found].T.astype(float))
        for column in weights.T:
            used = shown[(column > NEAR) & ~hidden[shown]]
            if len(used):  # of several characteristics together before one alone; then the smallest
                hidden[min(used, key=lambda at: (-len(groups.groups[at].by), people[at], at))] = True


def _shown_again(
    groups: Lattice, families: list[tuple[int, list[int]]], hidden: Array, people: Array, minimum_people: int
) -> Array:
    """Those that were hidden and need not be, are shown again: one characteristic before several, the largest first."""
    spare = np.flatnonzero(hidden & (people >= minimum_people))
    for at in sorted(spare, key=lambda at: (len(groups.groups[at].by), -people[at], at)):
        trial = hidden.copy()
        trial[at] = False
        small = _small_sets(groups, families, trial, people, minimum_people)
        if not _follows(groups.holds[~trial], small).any():
            hidden = trial
    return hidden


def _small_sets(
    groups: Lattice, families: list[tuple[int, list[int]]], hidden: Array, people: Array, minimum_people: int
) -> Array:
    """Sets of too few people that must not follow (sets x parts)."""
    holds = groups.holds
    found = {holds[at].tobytes(): holds[at] for at in np.flatnonzero(people < minimum_people)}
    for _, children in families:
        rest = holds[[at for at in children if hidden[at]]].any(axis=0)
        if rest.any() and groups.people_in(rest) < minimum_people:
            found[rest.tobytes()] = rest
    shown = np.flatnonzero(~hidden)
    for at in shown:
        inside = shown[~(holds[shown] & ~holds[at]).any(axis=1)]
        for other in inside:
            rest = holds[at] & ~holds[other]
            if rest.any() and rest.tobytes() not in found and groups.people_in(rest) < minimum_people:
                found[rest.tobytes()] = rest
    return np.array(list(found.values()), bool).reshape(-1, holds.shape[1])


def _follows(shown: Array, sets: Array) -> Array:
    """Which sets lie in the span of the rows shown."""
    if not len(sets) or not len(shown):
        return np.zeros(len(sets), bool)
    _, sizes, directions = np.linalg.svd(shown.astype(float), full_matrices=False)
    basis = directions[sizes > NEAR * max(sizes[0], 1.0)]
    left = sets - (sets @ basis.T) @ basis
    follows: Array = (left**2).sum(axis=1) < NEAR
    return follows
