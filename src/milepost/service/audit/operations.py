"""What can be done with a record. Six operations of section 62 of the Data Protection Act 2018 (collection,
alteration, consultation, disclosure, combination, erasure; legislation.gov.uk), and our own two."""

from __future__ import annotations

from enum import StrEnum


class Operation(StrEnum):
    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    SIGN_IN = "sign_in"
    """Signing in and out, failed attempts, second factors, sessions ended."""
    DENIED = "denied"
    """Somebody asked for what they may not have."""
