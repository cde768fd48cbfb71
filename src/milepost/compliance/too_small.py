"""A place too small for its positions, in words: they cannot show that somebody was in, only that nobody was."""

from __future__ import annotations

from milepost.compliance.plain_words import metres_words, percent_words
from milepost.language import ENGLISH, Language
from milepost.orders.obligations import Target


def depth_m(target: Target | None) -> float | None:
    """How far from the boundary one can be within it, metres: of circles the largest radius; None: it is drawn."""
    if target is None or not target.shapes or any(shape.rings for shape in target.shapes):
        return None
    return max(shape.radius_m for shape in target.shapes)


def too_small(share: float | None, target: Target | None, language: Language = ENGLISH) -> str:
    """Why time is uncertain where the place is too small for the positions; "" where it is not.

    Args:
        share: ``too_inexact_share`` of the coverage, 0 to 1; None: not known, or the place is no circle.
    """
    radius_m = depth_m(target)
    if not share or radius_m is None:
        return ""
    return language.say(
        "Of the positions in this time, {percent} may be wrong by more than the size of the place, a circle with a radius "
        "of {radius}. The tag is not exact enough for so small a place: it could show that the person was well away, it "
        "cannot show that they were there. Such time counts as uncertain, not as broken.",
        percent=percent_words(share, language),
        radius=metres_words(radius_m, language),
    )
