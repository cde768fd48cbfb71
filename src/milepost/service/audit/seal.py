"""The seal of an entry. Pure: a log that was exported is checked with this alone, with no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEALED = (
    "number", "at_us", "actor", "role", "operation", "what", "subject", "recipient", "reason", "request_id",
    "details", "previous_seal",
)  # fmt: skip
FIRST_SEAL = "0" * 64
"""What the first entry names as the seal before it."""


def canonical(fields: Mapping[str, Any]) -> bytes:
    """The bytes that are sealed: JSON with sorted keys, no spaces, UTF-8; the same on every machine."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def seal_of(fields: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical form of everything but the seal itself, in hexadecimal.

    Raises:
        KeyError: a field is missing.
    """
    return hashlib.sha256(canonical({name: fields[name] for name in SEALED})).hexdigest()
