"""Names that are spelt nearly so. Pure.

A word has keys, and words that share a key may be near: the word with one letter left out, at every place, and its
consonants. The keys of one word are some eight, each is found in an index, and no database needs an extension for it.
Which of those that share a key are near enough is decided by ``is_near``.

Keys by leaving letters out: W. Garbe, "SymSpell" (symmetric delete), 2012. Distance: one letter more, less or other, or two
neighbours exchanged (F. J. Damerau, 1964): of the mistakes of typists that he counted more than 80 in 100 are one of these.
"""

from __future__ import annotations

import re

SHORTEST = 3
CONSONANTS_AT_LEAST = 3
_SAME_SOUND = (("ph", "f"), ("ck", "k"), ("gh", "g"), ("c", "k"), ("q", "k"), ("z", "s"), ("v", "w"))


def consonants(word: str) -> str:
    """What is left of "mohammed" and "muhamad": "mmd". Letters of one sound alike, double ones once."""
    for letters, one in _SAME_SOUND:
        word = word.replace(letters, one)
    once = re.sub(r"(.)\1+", r"\1", word)
    return once[:1] + re.sub(r"[aeiouyh]", "", once[1:])


def keys_of(word: str) -> set[str]:
    """Under which a word is kept and looked for. None for a word too short to be near another."""
    if len(word) < SHORTEST:
        return set()
    keys = {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
    sound = consonants(word)
    return keys | {f"~{sound}"} if len(sound) >= CONSONANTS_AT_LEAST else keys


def is_near(word: str, other: str) -> bool:
    """One slip of the keys apart, or of the same consonants."""
    if word == other:
        return False
    sound = consonants(word)
    return (len(sound) >= CONSONANTS_AT_LEAST and sound == consonants(other)) or one_slip(word, other)


def one_slip(a: str, b: str) -> bool:
    """Whether one letter added, left out or changed, or two neighbours exchanged, makes one word the other."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    return (
        a[1:] == b[1:] or a[1:] == b or a == b[1:]
        or (len(a) == len(b) >= 2 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    )  # fmt: skip
