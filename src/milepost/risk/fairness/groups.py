"""Every group that can be named by one characteristic or several together, over the smallest parts they are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from milepost.problems import Problem, UnreadableFile
from milepost.risk.fairness.table import Table, how_many
from milepost.risk.rows import Array


@dataclass(frozen=True, slots=True)
class Group:
    """``by`` names the characteristics, ``values`` their labels; None is not known. Everybody has neither."""

    by: tuple[str, ...]
    values: tuple[str | None, ...]

    @property
    def known(self) -> bool:
        return None not in self.values


@dataclass(slots=True)
class Lattice:
    """``holds`` (groups x parts, bool): which parts make up which group. A part is one combination of all
    characteristics that somebody has; ``part_of_row`` says which a row belongs to."""

    groups: tuple[Group, ...]
    holds: Array
    rows: Array
    """Numbers of the rows that are counted."""
    part_of_row: Array
    person: Array
    _people: dict[bytes, int] = field(default_factory=dict)

    def rows_in(self, parts: Array) -> Array:
        """Numbers, in the table, of the rows of a set of parts (bool over parts)."""
        found: Array = self.rows[parts[self.part_of_row]]
        return found

    def people_in(self, parts: Array) -> int:
        """How many people a set of parts holds."""
        key = parts.tobytes()
        if key not in self._people:
            self._people[key] = how_many(self.person[parts[self.part_of_row]])
        return self._people[key]

    def partitions(self) -> Iterator[tuple[int, list[int]]]:
        """A group and the groups it falls into by one more characteristic, the not known among them."""
        number = {(group.by, group.values): at for at, group in enumerate(self.groups)}
        children: dict[tuple[int, str], list[int]] = {}
        for at, group in enumerate(self.groups):
            for place, name in enumerate(group.by):
                by = group.by[:place] + group.by[place + 1 :]
                values = group.values[:place] + group.values[place + 1 :]
                children.setdefault((number[by, values], name), []).append(at)
        for (parent, _), those in children.items():
            yield parent, those


def lattice(table: Table, together: int, most_combinations: int, counted: Array) -> Lattice:
    """All groups of up to ``together`` characteristics that hold somebody, everybody first.

    ``counted`` (bool over rows): who is counted as being there, such as those with a known outcome.
    Raises ``UnreadableFile`` where so many combinations occur that nothing could be told of any.
    """
    names, rows = list(table.codes), np.flatnonzero(counted)
    matrix = np.stack([table.codes[name][rows] for name in names], axis=1)
    parts, part_of_row = np.unique(matrix, axis=0, return_inverse=True)
    part_of_row = part_of_row.reshape(-1)
    if len(parts) > most_combinations:
        raise UnreadableFile(
            Problem(
                "table", None, ", ".join(names),
                f"{len(parts)} combinations of these characteristics occur, more than {most_combinations}",
                "Compare by fewer columns, or by coarser ones.",
            )
        )  # fmt: skip
    groups, holds = [Group((), ())], [np.ones(len(parts), bool)]
    for size in range(1, min(together, len(names)) + 1):
        for places in combinations(range(len(names)), size):
            by = tuple(names[place] for place in places)
            for values in np.unique(parts[:, places], axis=0):
                labels = tuple(
                    None if code < 0 else table.labels[name][code]
                    for name, code in zip(by, values, strict=True)
                )
                groups.append(Group(by, labels))
                holds.append((parts[:, places] == values).all(axis=1))
    return Lattice(tuple(groups), np.stack(holds), rows, part_of_row, table.person[rows])
