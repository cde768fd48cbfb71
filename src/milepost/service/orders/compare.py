"""A version beside the approved one before it: conditions and places, old and new, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from milepost.orders import model as shape
from milepost.orders.diff import Change, diff_versions
from milepost.service.orders.models import OrderVersion, VersionState
from milepost.service.orders.summary import REGIME_WORDS, describe_condition, describe_shape
from milepost.service.orders.terms import draft_version, ends_of, terms_of
from milepost.service.web.formats import date_and_time


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing as it was and as it is now. A side without sentences was not there."""

    title: str
    state: str
    """same, changed, added, removed"""
    old: tuple[str, ...]
    new: tuple[str, ...]
    changes: tuple[str, ...] = ()


def compare_with_earlier(version: OrderVersion) -> dict[str, Any]:
    """``pairs`` of everything in the version, and ``earlier``, the approved version it is compared with."""
    before = (
        version.order.versions.filter(state=VersionState.APPROVED, version__lt=version.version)
        .order_by("version")
        .last()
    )
    new = draft_version(version)
    old = draft_version(before) if before else None
    terms = _terms_words(version.terms or terms_of(version.order), version)
    old_terms = _terms_words(before.terms or terms_of(version.order), before) if before else ()
    first = Pair(_("The order"), _state(old_terms, terms) if before else "added", old_terms, terms)
    return {"earlier": before, "pairs": [first, *compare(old, new)], "plain": old is None}


def _terms_words(terms: dict[str, Any], version: OrderVersion) -> tuple[str, ...]:
    ends = ends_of(terms)
    regime = str(REGIME_WORDS.get(terms.get("regime", ""), terms.get("regime", "")))
    said = [regime, terms.get("source") or ""]
    if version.effective_from_utc:
        said.append(_("From %(time)s") % {"time": date_and_time(version.effective_from_utc)})
    said.append(_("Until %(time)s") % {"time": date_and_time(ends)} if ends else _("No last day given"))
    if terms.get("convicted_on"):
        said.append(_("Convicted on %(date)s") % {"date": terms["convicted_on"]})
    return tuple(filter(None, said))


def compare(old: shape.OrderVersion | None, new: shape.OrderVersion) -> list[Pair]:
    """Places, then conditions, in the order of the new version; what was removed comes last."""
    changes = diff_versions(old, new) if old else []
    pairs = _pairs(
        {p.id: _place_words(p) for p in old.places} if old else {}, {p.id: _place_words(p) for p in new.places},
        {p.id: p.name or p.id for p in [*(old.places if old else ()), *new.places]}, "places", changes,
    )  # fmt: skip
    olds = {c.id: describe_condition(c, old) for c in old.conditions} if old else {}
    news = {c.id: describe_condition(c, new) for c in new.conditions}
    titles = {i: words.title for i, words in {**olds, **news}.items()}
    pairs += _pairs({i: w.sentences for i, w in olds.items()}, {i: w.sentences for i, w in news.items()}, titles,
                    "conditions", changes)  # fmt: skip
    others = tuple(c.words for c in changes if not c.path.startswith(("places", "conditions")))
    if others:
        pairs.append(Pair(_("Other changes"), "changed", (), (), others))
    return pairs


def _place_words(place: shape.Place) -> tuple[str, ...]:
    return tuple(filter(None, (place.address, describe_shape(place) or _("Position not known"))))


def _pairs(
    olds: dict[str, tuple[str, ...]],
    news: dict[str, tuple[str, ...]],
    titles: dict[str, str],
    kind: str,
    changes: list[Change],
) -> list[Pair]:
    pairs = []
    for part_id in dict.fromkeys([*news, *olds]):
        old, new = olds.get(part_id, ()), news.get(part_id, ())
        mine = tuple(c.words for c in changes if c.path.startswith(f"{kind}[{part_id}]"))
        if part_id not in olds:
            state = "added"
        elif part_id not in news:
            state = "removed"
        else:
            state = "changed" if mine else "same"
        pairs.append(Pair(titles[part_id], state, old, new, mine if state == "changed" else ()))
    return pairs


def _state(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    return "same" if old == new else "changed"
