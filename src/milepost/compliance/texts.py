"""Every word that compliance says and that stands in no call: made from names of codes, or from the data file.

For the catalogue of translations. Sentences in calls are found by reading the code, see ``milepost.language``.
"""

from __future__ import annotations

from collections.abc import Iterator

from milepost.compliance.plain_words import EVENT_WORDS, REGIME_WORDS, certainty_scale
from milepost.compliance.results import Label, NoDataCause
from milepost.compliance.rule_tables import LEVELS


def texts() -> Iterator[str]:
    """Each as it is given to ``gettext``; some come more than once."""
    yield from REGIME_WORDS.values()
    yield from EVENT_WORDS.values()
    yield from LEVELS
    yield from (words for _from, words in certainty_scale())
    yield from (code.name.lower().replace("_", " ") for codes in (NoDataCause, Label) for code in codes)
