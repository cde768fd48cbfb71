"""A record as one page: no script, no request, no font; readable on paper."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from milepost.risk.records.document import RecordDocument
from milepost.risk.records.words import about, gap_words, warnings


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("milepost.risk.records"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("record.html.j2")


def page(record: RecordDocument) -> str:
    return _template().render(
        record=record, about=about(record), warnings=warnings(record), gap_words=gap_words
    )
