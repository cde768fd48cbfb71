"""Device ids that look like one another: the same tag, written otherwise in the signals and in the orders."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def plain_id(device: str) -> str:
    """An id without case, signs between, and zeros before a number: ``TAG-007`` and ``tag 7`` are alike."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", device.casefold()))


def same_ids(devices: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """For each of ``devices`` the only one of ``known`` that is the same but for the way it is written."""
    by_plain: dict[str, list[str]] = {}
    for name in known:
        by_plain.setdefault(plain_id(name), []).append(name)
    alike = {device: by_plain.get(plain_id(device), []) for device in devices}
    return {device: names[0] for device, names in alike.items() if len(names) == 1}


def likely_ids(devices: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """For each of ``devices`` the one of ``known`` that is perhaps meant: alike but for the way it is written, else
    one that differs in little. Devices that resemble none are not in the answer."""
    by_plain: dict[str, str] = {}
    for name in known:
        by_plain.setdefault(plain_id(name), name)
    meant = {}
    for device in devices:
        plain = plain_id(device)
        near = [plain] if plain in by_plain else difflib.get_close_matches(plain, list(by_plain), 1)
        if near:
            meant[device] = by_plain[near[0]]
    return meant
