"""The tree against the published vectors of Certificate Transparency (RFC 6962) and against its definition."""

from __future__ import annotations

import hashlib

import pytest

from milepost.service.audit.merkle import (
    Growing,
    consistency_proof,
    inclusion_proof,
    is_continuation,
    is_included,
    root,
)

# Leaves and roots of the reference tests of RFC 6962's authors (google/certificate-transparency).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def defined_root(leaves: list[bytes]) -> bytes:
    """Section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


def test_published_roots():
    assert Growing().root().hex() == EMPTY
    assert [root(LEAVES[:n]).hex() for n in range(1, 9)] == ROOTS


def test_growing_tree_is_the_defined_tree_at_every_size():
    leaves, tree = [bytes([i]) for i in range(70)], Growing()
    for n, leaf in enumerate(leaves, start=1):
        tree.append(leaf)
        assert tree.root() == defined_root(leaves[:n]), n


@pytest.mark.parametrize("size", range(1, 20))
def test_every_inclusion_is_proved_and_no_other(size):
    leaves = [bytes([i]) for i in range(size)]
    top = root(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(index, leaves)
        assert is_included(leaf, index, size, proof, top)
        assert not is_included(b"another", index, size, proof, top)
        assert not is_included(leaf, index, size, [*proof, b"0" * 32], top)
        assert not proof or not is_included(leaf, index, size, proof[:-1], top)
        for wrong in range(size):
            assert wrong == index or not is_included(leaf, wrong, size, proof, top)
    assert not is_included(leaves[0], size, size, [], top)


@pytest.mark.parametrize("size", range(1, 20))
def test_every_continuation_is_proved_and_no_other(size):
    leaves = [bytes([i]) for i in range(size)]
    rewritten = [b"another", *leaves[1:]]
    for older in range(1, size + 1):
        proof = consistency_proof(older, leaves)
        assert is_continuation(older, root(leaves[:older]), size, root(leaves), proof)
        assert not is_continuation(older, root(rewritten[:older]), size, root(leaves), proof)
        assert not is_continuation(older, root(leaves[:older]), size, root(rewritten), proof)
        assert not is_continuation(older, root(leaves[:older]), size, root(leaves), [*proof, b"0" * 32])


def test_proofs_of_what_is_not_there_are_refused():
    with pytest.raises(IndexError):
        inclusion_proof(3, LEAVES[:3])
    with pytest.raises(IndexError):
        consistency_proof(4, LEAVES[:3])
