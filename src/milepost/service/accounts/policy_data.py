"""The numbers of signing in, from ``sign_in_limits.toml``, which says what each means and who owns it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from milepost.service.kit.policy_data import PolicyFile, Strict, read_policy_file


class Limit(Strict):
    at_most: int
    window_s: int


class Lasts(Strict):
    invitation_s: int
    between_password_and_code_s: int
    openid_round_trip_s: int


class SecondFactorNumbers(Strict):
    step_s: int
    digits: int
    steps_either_side: int
    recovery_codes: int


class SignInLimits(PolicyFile):
    attempts: dict[str, Limit]
    lasts: Lasts
    second_factor: SecondFactorNumbers


@cache
def limits() -> SignInLimits:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("sign_in_limits.toml"), SignInLimits)
