"""Every sentence that the library says and that stands in no call of ``say``: from data files and tables of words.

For the catalogue of translations. Sentences in calls are found by reading the code, see ``milepost.language``.
"""

from __future__ import annotations

from collections.abc import Iterator

from milepost.risk.data_files import load
from milepost.risk.fields import CHOICES, LEVEL_WORDS, field_table
from milepost.risk.instruments import instruments
from milepost.risk.needs.texts import texts as texts_of_needs
from milepost.risk.offences import offences
from milepost.risk.ogrs4 import offence_label
from milepost.risk.pni import DOMAINS
from milepost.risk.result import events


def texts() -> Iterator[str]:
    """Each as it is given to ``gettext``; some come more than once."""
    yield from texts_of_needs()
    yield from load("labels.toml")["plain"].values()
    yield from load("labels.toml")["terms"].values()
    for field in field_table().values():
        yield field.label
    yield from (offence_label(category) for category in range(len(offences().names)))
    yield from (f"{name} need" for name in DOMAINS)
    yield from ("static", "dynamic", "not answered")
    for kind in CHOICES.values():
        yield from (word.replace("_", " ") for word in kind)
    for words in LEVEL_WORDS.values():
        yield from (f"{number} ({word})" for number, word in enumerate(words))
    for instrument in instruments().values():
        yield instrument.name
        yield from filter(None, events(instrument.event))
        yield from (band.replace("_", " ") for band in instrument.bands if not band.isdigit())
        for check in (*instrument.checks, *instrument.dynamic_checks):
            yield from (check.message, check.remedy)
