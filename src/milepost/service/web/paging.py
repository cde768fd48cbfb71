"""Pages of a list of which no more than its first rows are listed: nobody leafs through a country."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator

MOST_LISTED = 1_000


class Newest(Paginator):
    """The first ``MOST_LISTED`` rows of a query, in pages. ``more``: there are others, which a search finds.

    Counting every row that fits would read all of them to show fifty, and reading the fifty once more. So the keys of
    the first rows are read, once, and then the rows of one page.
    """

    def __init__(self, rows: Any, per_page: int, most: int = MOST_LISTED) -> None:
        keys = list(rows.values_list("pk", flat=True)[: most + 1])
        self.more = len(keys) > most
        self._rows = rows
        super().__init__(keys[:most], per_page)

    def page(self, number: int | str) -> Any:
        page = super().page(number)
        # Their own model's rows by their keys: who may see them was asked when the keys were read.
        shown = {row.pk: row for row in self._rows.filter(pk__in=page.object_list)}
        page.object_list = [shown[key] for key in page.object_list if key in shown]
        return page
