"""Which changes of the record are no news: what goes on goes on, and what is still counted is counted.

A finding that is open grows with every position, and so does what is known of the obligation around it. Recorded each
time, a day in a zone would be a thousand revisions that say nothing. So a record may keep the revision that stands and
note beside it how far the finding has been followed; what says anything else is a revision at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from milepost.compliance.identity import CONTENT
from milepost.compliance.live_record import Change, Row
from milepost.compliance.plain_words import certainty_words

SAME_S = 60.0
"""Less than this is no difference to anybody: running totals count whole minutes."""
GROWS = frozenset(
    {
        "end_utc", "end_latest_utc", "seconds", "coverage", "obligation_coverage", "certainty", "evidence_count",
        "last_evidence",
    }
)  # fmt: skip
"""Columns that more of the same evidence changes."""


def only_goes_on(change: Change, settles_us: int, now_us: int) -> bool:
    """Whether a revision would say no more than that time has passed. Pure.

    True for an open finding that is as it was but longer: it ends later, its seconds grew by that time (give or take a
    minute) and its certainty has the same words; and for a closed one of which only the coverage of its obligation
    changed, while that is still counted.

    Args:
        settles_us: when the coverage of the finding's obligation (of a long one, of its local day) is final,
            microseconds UTC.
        now_us: the clock, microseconds UTC.
    """
    old, new = change.previous, change.finding
    if change.what != "revised" or old is None:
        return False
    differs = {name for name in CONTENT if old.get(name) != new.get(name)}
    if new["status"] != "open":
        return differs == {"obligation_coverage"} and now_us < settles_us
    grew_s = (new["end_utc"] - old["end_utc"]) / 1e6
    return (
        differs <= GROWS
        and grew_s >= 0
        and abs(new["seconds"] - old["seconds"] - grew_s) < SAME_S
        and certainty_words(old["certainty"]) == certainty_words(new["certainty"])
    )


def news_and_followed(
    changes: Iterable[Change], settles_us: Callable[[Row], int], now_us: int
) -> tuple[list[Change], list[Change]]:
    """Changes to record, and those that only follow what stands. Arguments as ``only_goes_on``."""
    news: list[Change] = []
    followed: list[Change] = []
    for change in changes:
        (followed if only_goes_on(change, settles_us(change.finding), now_us) else news).append(change)
    return news, followed
