"""Names and numbers as they are searched: folded, and cut into words. Pure."""

from __future__ import annotations

import re
import unicodedata

WORD_LENGTH = 40
NUMBER_LENGTH = 15
"""Digits of the longest telephone number there is (ITU-T E.164)."""
FEWEST_DIGITS = 5
_BETWEEN = re.compile(r"[^\w]+|_+")


def fold(text: str) -> str:
    """Lower case, without accents and compatibility forms: "Éire O’Néill" is "eire o’neill"."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def words_of(*texts: str) -> list[str]:
    """The different words of some names, in order. An apostrophe joins ("O'Neill" is "oneill"); a hyphen parts."""
    joined = " ".join(fold(text) for text in texts).replace("'", "").replace("’", "")
    return [word[:WORD_LENGTH] for word in dict.fromkeys(_BETWEEN.split(joined)) if word]


def backwards(text: str) -> str:
    """The digits of a telephone number from the last to the first; "" for what has too few. 07700 900123 and
    +44 7700 900123 begin alike: with the digits that everybody who knows the number knows."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    return digits[::-1][:NUMBER_LENGTH] if len(digits) >= FEWEST_DIGITS else ""
