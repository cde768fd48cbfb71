"""People in shares of about as many fixes: a nation is judged share by share, on all cores at once.

Nobody's findings depend on anybody else's signals, so shares can be judged apart and laid together. A share is also
all that is in memory at once beside the fixes themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from milepost.compliance import compiled
from milepost.compliance.worn import Wearings, WornFixes
from milepost.orders.geometry import shapes_are_known
from milepost.orders.many_geometries import keep_sound_shapes
from milepost.orders.model import Geometry, Order, OrderFile
from milepost.orders.obligations import Obligation

type Expand = Callable[[OrderFile, int, int], list[Obligation]]

FIXES_OF_A_SHARE = 1_000_000
"""At least as many shares as make this much work for each: the less, the less memory."""


@dataclass(slots=True)
class Share:
    """Some people with the orders and obligations that are theirs."""

    people: Sequence[str]
    """In order of their ids; all of the next share come after them."""
    orders: OrderFile
    obligations: list[Obligation] | Expand

    def owed(self, begin_us: int, until_us: int) -> list[Obligation]:
        """The obligations that overlap the period, microseconds UTC."""
        if callable(self.obligations):
            keep_sound_shapes(self._drawn(), compiled.at_work)
            return self.obligations(self.orders, begin_us, until_us)
        return self.obligations

    def _drawn(self) -> list[Geometry]:
        """What is drawn in the orders and has not been read yet: orders that do not come from a file."""
        conditions = (
            c for order in self.orders.orders for version in order.versions for c in version.conditions
        )
        return [c.geometry for c in conditions if c.geometry and not shapes_are_known(c.geometry)]


def in_shares(
    order_file: OrderFile,
    obligations: list[Obligation] | Expand,
    wearings: Wearings,
    worn: WornFixes,
    at_least: int,
) -> list[Share]:
    """Everybody in at least so many shares, as far as there are people; in the order of their ids."""
    listed = None if callable(obligations) else _by_person(obligations)
    orders = _by_person(order_file.orders)
    people = sorted({*wearings.by_person, *orders, *(listed or ())})
    n = max(at_least, -(-len(worn.columns) // FIXES_OF_A_SHARE))
    if n < 2 or len(people) < 2:
        return [Share(people, order_file, obligations)]
    shares = []
    for a, b in pairwise(_cuts(people, worn, n)):
        of = people[a:b]
        own = [order for person in of for order in orders.get(person, ())]
        shares.append(
            Share(
                of,
                order_file.model_copy(update={"orders": own}),
                obligations if listed is None else [o for person in of for o in listed.get(person, ())],
            )
        )
    return shares


def _by_person[Of: (Order, Obligation)](things: Iterable[Of]) -> dict[str, list[Of]]:
    found: dict[str, list[Of]] = {}
    for thing in things:
        found.setdefault(thing.person_id, []).append(thing)
    return found


def _cuts(people: list[str], worn: WornFixes, n: int) -> list[int]:
    """Where to cut so that each share has about as many fixes; a person without any weighs a little too."""
    weight = np.cumsum([1 + sum(b - a for a, b, _ in worn.slices.get(person, ())) for person in people])
    cuts = np.searchsorted(weight, weight[-1] * np.arange(1, n) / n, "right").tolist()
    return sorted({0, *cuts, len(people)})
