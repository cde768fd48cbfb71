"""Postcodes as people write them."""

from __future__ import annotations

import re

_OUTWARD = "[A-Z]{1,2}[0-9][A-Z0-9]?|NPT|GIR"
"""The two words: Newport's before 1984, in the directory still, and Girobank's."""
WHOLE = re.compile(rf"^({_OUTWARD})([0-9][A-Z]{{2}})$")
BEGINNING = re.compile(r"^[A-Z]{1,2}([0-9][A-Z0-9]?([0-9][A-Z]?)?)?$")
INSIDE = re.compile(rf"\b({_OUTWARD}) ?([0-9][A-Z]{{2}})\b", re.IGNORECASE)
BEGUN = re.compile(rf"^\s*({_OUTWARD})\s+[0-9][A-Z]?\s*$", re.IGNORECASE)
"""Its first word, and a part of the second after a space."""
CODE_LENGTH = 7


def bare(text: str) -> str:
    """Capitals and digits alone: " sw1a 2aa" is "SW1A2AA"."""
    return re.sub(r"[\s.-]+", "", text).upper()


def whole(text: str) -> str | None:
    """The postcode without its space, if the text has the form of one and of nothing else."""
    code = bare(text)
    return code if WHOLE.match(code) else None


def beginning(text: str) -> str | None:
    """The part of a postcode that the text is, with a digit in it: "LS1" or "sw1a 2"."""
    code = bare(text)
    return code if BEGINNING.match(code) and any(c.isdigit() for c in code) else None


def first_word(text: str) -> str | None:
    """Of a postcode of which a part of the second word was typed too: "ls1 4" means LS1, never LS14."""
    found = BEGUN.match(text)
    return found[1].upper() if found else None


def spaced(code: str) -> str:
    """ "SW1A2AA" as it is written: "SW1A 2AA"."""
    return f"{code[:-3]} {code[-3:]}"


def inside(text: str) -> str | None:
    """The last postcode in an address, without its space."""
    found = INSIDE.findall(text)
    return "".join(found[-1]).upper() if found else None


def spread(text: str) -> str:
    """The text with its postcodes as files write them: "12 Acacia Road ls14ap" has "LS1 4AP"."""
    return INSIDE.sub(lambda found: f"{found[1]} {found[2]}".upper(), text)
