"""What kind a file is, by its first bytes and its ending, which must agree."""

from __future__ import annotations

from milepost.service.orders.policy_data import document_limits


def kind_of(name: str, content: bytes) -> str | None:
    """The content type, or None if the file is of no kind that may be attached."""
    ending = name.rpartition(".")[2].casefold()
    for kind in document_limits().kind:
        begins = any(content.startswith(bytes.fromhex(start)) for start in kind.begins_with_hex)
        if begins and ending in kind.endings:
            return kind.content_type
    return None


def kinds_in_words() -> str:
    return ", ".join(kind.name for kind in document_limits().kind)
