"""Merkle trees as RFC 6962 section 2.1 defines them: one root speaks for all entries.

A leaf is SHA-256(0x00, data), a node SHA-256(0x01, left, right); a tree is split at the largest power of two
below its size. `Growing` takes leaves one by one and knows the root at any moment. Proofs need all leaves; they
show that an entry is in a tree, or that a tree continues an older one, without showing any other entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that only grows. Keeps one hash for each full part: memory does not grow with the log."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[tuple[int, bytes]] = []  # (leaves, hash), the largest first

    def append(self, data: bytes) -> None:
        leaves, digest = 1, leaf_hash(data)
        while self._full and self._full[-1][0] == leaves:
            _, left = self._full.pop()
            leaves, digest = leaves * 2, node_hash(left, digest)
        self._full.append((leaves, digest))
        self.size += 1

    def root(self) -> bytes:
        if not self._full:
            return hashlib.sha256(b"").digest()
        digest = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            digest = node_hash(left, digest)
        return digest


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over ``leaves`` (their data, not their hashes)."""
    tree = Growing()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def _split(size: int) -> int:
    """The largest power of two below ``size``, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes beside the way from leaf ``index`` (from 0) up to the root (RFC 6962, 2.1.1).

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion_proof(index, leaves[:k]), root(leaves[k:])]
    return [*inclusion_proof(index - k, leaves[k:]), root(leaves[:k])]


def consistency_proof(older: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes that show the tree over ``leaves`` continues its own first ``older`` leaves (RFC 6962, 2.1.2).

    Raises:
        IndexError: ``older`` is not from 1 to the number of leaves.
    """
    if not 1 <= older <= len(leaves):
        raise IndexError(f"{older} of {len(leaves)} leaves")
    return _subproof(older, leaves, True)


def _subproof(older: int, leaves: Sequence[bytes], known: bool) -> list[bytes]:
    if older == len(leaves):
        return [] if known else [root(leaves)]
    k = _split(len(leaves))
    if older <= k:
        return [*_subproof(older, leaves[:k], known), root(leaves[k:])]
    return [*_subproof(older - k, leaves[k:], False), root(leaves[:k])]


def is_included(data: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether ``proof`` shows that ``data`` is leaf ``index`` of a tree of ``size`` with that root."""
    if not 0 <= index < size:
        return False
    place, last, digest = index, size - 1, leaf_hash(data)
    for beside in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            digest = node_hash(beside, digest)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and digest == expected_root


def is_continuation(
    older: int, older_root: bytes, size: int, newer_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether ``proof`` shows that the tree of ``size`` leaves begins with the ``older`` leaves of the other root."""
    if not 1 <= older <= size:
        return False
    if older == size:
        return not proof and older_root == newer_root
    hashes = list(proof)
    if older & (older - 1) == 0:  # a full tree: its root is the first hash
        hashes.insert(0, older_root)
    if not hashes:
        return False
    place, last = older - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and old == older_root and new == newer_root
