"""The numbers of signing in, from ``sign_in_limits.toml``, which says what each means and who owns it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Limit:
    at_most: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Lasts:
    invitation_s: int
    between_password_and_code_s: int
    openid_round_trip_s: int


@dataclass(frozen=True, slots=True)
class SecondFactorNumbers:
    step_s: int
    digits: int
    steps_either_side: int
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class SignInLimits:
    attempts: dict[str, Limit]
    lasts: Lasts
    second_factor: SecondFactorNumbers


@cache
def limits() -> SignInLimits:
    """Raises ``KeyError`` or ``TypeError`` for a file that is not complete."""
    text = files("milepost.service.accounts").joinpath("sign_in_limits.toml").read_text(encoding="utf-8")
    parsed = tomllib.loads(text)
    return SignInLimits(
        {name: Limit(**numbers) for name, numbers in parsed["attempts"].items()},
        Lasts(**parsed["lasts"]),
        SecondFactorNumbers(**parsed["second_factor"]),
    )
