"""References that the service makes: of orders, activations and of what waits to be checked."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is mistaken for something else when read out


def new_reference(prefix: str) -> str:
    """A reference that can be read out on the telephone, such as O-7F3K9QXA."""
    return prefix + "-" + "".join(secrets.choice(ALPHABET) for _i in range(8))
