"""How many years of school a text asks for: the Flesch-Kincaid grade (Kincaid and others, 1975).

Grade 6 is a reading age of about 11. Syllables are counted by groups of vowels, less a silent ending; a number
counts one for each digit. It is a rough measure: it catches long words and long sentences, not unclear ones.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’,]*(?<!,)")
_SENTENCE = re.compile(r"[.!?:;]+(?:\s+|$)")
_SILENT = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy][^aeiouydt])ed$|(?<=[^aeiouysx])es$")

_TWO_VOWELS = re.compile(r"(?<=[^aeioutscgx])i[aou]")
"""Spoken apart, as in violence and serious, not as in nation or social."""


def grade(text: str) -> float:
    """The grade of a text; negative for the simplest. Raises ``ValueError`` for a text without a word."""
    words = _WORD.findall(text)
    if not words:
        raise ValueError("There is no word to measure.")
    sentences = sum(1 for part in _SENTENCE.split(text) if part.strip())
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    letters = re.sub(r"[^a-z]", "", word.lower())
    if not letters:
        return sum(character.isdigit() for character in word)
    spoken = _SILENT.sub("", letters) if len(letters) > 3 else letters
    return max(1, len(re.findall(r"[aeiouy]+", spoken)) + len(_TWO_VOWELS.findall(spoken)))
