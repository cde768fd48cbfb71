from __future__ import annotations

import base64
import re

import pytest

from milepost.service.accounts import totp

# RFC 6238, appendix B, SHA-1.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
    (2000000000, "69279037"), (20000000000, "65353130"),
]  # fmt: skip


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_published_codes(second, code):
    assert totp.code_at(SECRET, second // 30, digits=8) == code


@pytest.mark.parametrize(
    ("late_s", "accepted"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_one_step_either_side(late_s, accepted):
    code = totp.code_at(SECRET, 1111111110 // 30)
    found = totp.step_of(SECRET, code, 1111111110 + late_s, step_s=30, digits=6, either_side=1)
    assert found == (1111111110 // 30 if accepted else None)


def test_codes_are_read_with_spaces_and_nonsense_is_no_code():
    code = totp.code_at(SECRET, 100)
    numbers = {"step_s": 30, "digits": 6, "either_side": 1}
    assert totp.step_of(SECRET, f" {code[:3]} {code[3:]} ", 3000, **numbers) == 100
    for wrong in ("", "é" * 6, "000", code + "0", "\udcff"):
        assert totp.step_of(SECRET, wrong.encode("utf-8", "replace").decode(), 3000, **numbers) is None


def test_the_square_code_has_neither_style_nor_script_and_escapes():
    drawing = str(totp.square_code("otpauth://totp/x", '"><script>alert(1)</script>'))
    assert "<script" not in drawing
    assert not re.search(r"\s(style|on\w+)=", drawing)
    assert "secret=ABC&issuer=Milepost" in totp.address("ABC", "a@example.org", step_s=30, digits=6)
