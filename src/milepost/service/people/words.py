"""Names as they are searched: folded, and cut into words. Pure."""

from __future__ import annotations

import re
import unicodedata

WORD_LENGTH = 40
_BETWEEN = re.compile(r"[^\w]+|_+")


def fold(text: str) -> str:
    """Lower case, without accents and compatibility forms: "Éire O’Néill" is "eire o’neill"."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def words_of(*texts: str) -> list[str]:
    """The different words of some names, in order. An apostrophe joins ("O'Neill" is "oneill"); a hyphen parts."""
    joined = " ".join(fold(text) for text in texts).replace("'", "").replace("’", "")
    return [word[:WORD_LENGTH] for word in dict.fromkeys(_BETWEEN.split(joined)) if word]
