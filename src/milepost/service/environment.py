"""Settings from the environment, that fail loudly: a wrong value names its variable and the remedy."""

from __future__ import annotations

import os
from pathlib import Path


class SettingError(Exception):
    """A setting is missing or cannot be used. The message names the variable and says what to write."""


def text(name: str, default: str | None = None) -> str:
    """The variable's text. ``NAME_FILE`` may name a file that holds it, as secret stores provide."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(
                f"{name}_FILE names {file}, which cannot be read: {error.strerror}."
            ) from error
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"{name} is not set. Set it, or {name}_FILE to a file that holds it.")
    return value


def truth(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}. Write yes or no.")


def whole_number(name: str, default: int, *, at_least: int = 0, at_most: int = 1_000_000_000) -> int:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        number = int(value)
    except ValueError:
        raise SettingError(f"{name} is {value!r}. Write a whole number.") from None
    if not at_least <= number <= at_most:
        raise SettingError(f"{name} is {number}. Write a number from {at_least} to {at_most}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]
