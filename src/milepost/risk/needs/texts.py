"""Every sentence that a page can show from the data files, for the catalogue of translations."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.risk.data_files import load
from milepost.risk.needs.levels import ITEM_LABELS
from milepost.risk.needs.questions import FOLDER, sections


def texts() -> Iterator[str]:
    """Each sentence as it is given to ``gettext``; some come more than once."""
    for section in sections():
        yield from (section.title, section.intro)
        for question in section.questions:
            yield from filter(None, (question.label, question.plain_label, question.hint))
            for option in question.options:
                yield from filter(None, (option.label, option.plain_label, option.strength))
    for area in load(FOLDER + "levels.toml")["areas"].values():
        yield area["title"]
    yield from ITEM_LABELS.values()
    yield from plain_texts()


def plain_texts() -> Iterator[str]:
    """What is written for the person under supervision, apart from the questions; with its ``{places}``."""
    for table in load(FOLDER + "plain.toml").values():
        if isinstance(table, dict):  # the rest says whose file it is
            yield from table.values()
