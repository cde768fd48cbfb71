"""The facts of a trained predictor, from what the registry says of it (``registry.entry(name, version).facts()``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from milepost.risk.records.facts import Facts, InputFact

FAMILY = "predictor"
SHARE = "{:.1%}"


def key_of(told: Mapping[str, Any]) -> str:
    return f"{FAMILY}:{told['name']}@{told['version']}"


def facts(told: Mapping[str, Any]) -> Facts:
    """From the registry's dict. A part that the dict lacks is a gap in the record; raises ``KeyError`` only for
    its name or version."""
    model: Mapping[str, Any] = told.get("model") or {}
    data: Mapping[str, Any] = told.get("data") or {}
    synthetic = bool(told.get("synthetic"))
    days = told.get("horizon_days")
    over = f" within {days} days" if days else ""
    task = str(told.get("task") or "")
    start = "Made-up data: no real person. " if synthetic else ""
    return Facts(
        key=key_of(told),
        kind="predictor",
        name=str(told["name"]),
        version=str(told["version"]),
        task=task,
        description=f"{start}A trained predictor. {task} Outcome: {told.get('outcome') or 'not said'}{over}, "
        f"counted from {told.get('index_date') or 'a day that is not said'}. "
        f"People: {told.get('cohort') or 'not said'}.",
        source=str(told.get("source") or "trained by Milepost; see the data"),
        owner=str(told.get("owner") or ""),
        data_hash=str(told.get("hash") or ""),
        files=(("training data", str(data["hash"])),) if data.get("hash") else (),
        inputs=tuple(_feature(one) for one in told.get("features") or ()),
        outputs=("A probability, with the parts it is made of.",),
        architecture=tuple(_model(model)),
        numbers=None,
        limits=tuple(_limits(told)),
        datasets=tuple(_data(data)),
        performance=(
            *lines(told.get("evaluation"), "evaluation"), *lines(told.get("calibration"), "calibration"),
        ),
        fairness=told.get("fairness"),
        state=str(told.get("state") or ""),
        history=tuple(_history(told.get("history") or ())),
        synthetic=synthetic,
        more=(("justification", str(told.get("justification") or "")),),
    )  # fmt: skip


def _feature(told: Mapping[str, Any]) -> InputFact:
    share = told.get("missing_share")
    missing = "" if share is None else f"{SHARE.format(share)} missing in the data it was fitted on"
    known = f"known at {told['known_at']}" if told.get("known_at") else ""
    return InputFact(str(told["name"]), str(told.get("description") or ""), kind=known, missing=missing)


def _model(model: Mapping[str, Any]) -> list[str]:
    found = [f"Kind: {str(model['kind']).replace('_', ' ')}."] if model.get("kind") else []
    found += [f"{name}: {value}" for name, value in sorted((model.get("settings") or {}).items())]
    versions: object = model.get("library versions") or model.get("library_versions") or {}
    if isinstance(versions, Mapping):
        found += [f"{name} {version}" for name, version in sorted(versions.items())]
    elif versions:
        found.append(str(versions))
    return found


def _data(data: Mapping[str, Any]) -> list[str]:
    if not data:
        return []
    when = f", from {data['from']} until {data['until']}" if data.get("from") and data.get("until") else ""
    rows = data.get("rows")
    counted = f"{rows:,} rows" if isinstance(rows, int) else "rows not counted"
    return [f"Training and evaluation: {counted}{when}. SHA-256 {data.get('hash') or 'not said'}."]


def _limits(told: Mapping[str, Any]) -> list[str]:
    found = ["It says nothing of one person: it counts people like them."]
    if told.get("excluded"):
        found.append("Left out on purpose: " + "; ".join(_as_text(one) for one in told["excluded"]) + ".")
    if told.get("synthetic"):
        found.append("Fitted on made-up people: its figures say nothing of real ones.")
    return found


def _history(told: Any) -> list[str]:
    return [_as_text(one) for one in told]


def _as_text(one: object) -> str:
    if isinstance(one, Mapping):
        return ", ".join(f"{name}: {value}" for name, value in one.items() if value not in (None, ""))
    return str(one)


def lines(told: object, name: str) -> list[str]:
    """Nested figures as lines: ``evaluation, brier: 0.145``. Nothing is left out and nothing rounded off unseen."""
    if told is None or told == "":
        return []
    if isinstance(told, Mapping):
        return [
            line
            for key, value in told.items()
            for line in lines(value, f"{name}, {str(key).replace('_', ' ')}")
        ]
    if isinstance(told, list | tuple):
        if all(isinstance(value, int | float) for value in told):
            return [f"{name}: {', '.join(_number(value) for value in told)}"]
        return [
            line for number, value in enumerate(told, start=1) for line in lines(value, f"{name} {number}")
        ]
    return [f"{name}: {_number(told)}"]


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
