"""Files that leave the service: always as an attachment, named safely, and harmless where a spreadsheet opens them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

CSV = "text/csv; charset=utf-8"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run as a formula by spreadsheets (OWASP, CSV injection)."""


def attachment(
    content: bytes | str | Iterable[bytes | str], name: str, content_type: str
) -> HttpResponse | StreamingHttpResponse:
    """Never run or drawn by a browser, whatever it holds. What is neither bytes nor text is sent piece by piece."""
    whole = isinstance(content, bytes | str)
    response: HttpResponse | StreamingHttpResponse = (
        HttpResponse(content, content_type=content_type)
        if whole
        else StreamingHttpResponse(content, content_type=content_type)
    )
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, clean_name(name)) or "attachment"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def clean_name(name: str) -> str:
    """The name without folders, control signs and what browsers read as something else."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*;')
    stem, dot, ending = plain.rpartition(".")
    return (f"{stem[:150].strip()}{dot}{ending[:10]}" if dot else plain[:150]).strip() or "document"


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would run gets an apostrophe in front; everything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time, every cell harmless."""
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])
