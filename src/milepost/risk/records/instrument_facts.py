"""The facts of an instrument, read off the code that scores and the files it reads."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from milepost.risk.data_files import DATA, fingerprint, load
from milepost.risk.fields import CHOICES, field_table
from milepost.risk.instruments import SCREENERS, instruments
from milepost.risk.ogrs4 import SETS
from milepost.risk.records.facts import Facts, InputFact
from milepost.risk.records.tracing import read_by, used_by
from milepost.risk.scored import Instrument

KIND_WORDS = {"text": "text", "date": "date", "count": "whole number", "code": "Home Office code, five digits",
              "level": "0, 1 or 2"}  # fmt: skip
SECTIONS = {"dc_srp": "direct_contact", "osp_dc": "direct_contact", "iic_srp": "images", "osp_iic": "images",
            "csrp": "combined", "rsr": "combined"}  # fmt: skip
"""Where an instrument's numbers stand in its first file under another name than its key."""


def keys() -> list[str]:
    return list(instruments())


def facts(key: str) -> Facts:
    instrument = instruments()[key]
    screen = key in SCREENERS
    about = load(instrument.files[0])
    what = instrument.event.replace("have a ", "", 1).strip(" ,")
    over = f" within {instrument.horizon_years} years" if instrument.horizon_years else ""
    task = (
        "Flags people for a closer look, by adding up answers; it predicts nothing."
        if screen
        else f"Works out how many of 100 people with the same answers have a {what}{over}."
    )
    status = "In use before 2026; kept so that older scores can be checked. " if instrument.legacy else ""
    return Facts(
        key=key,
        kind="instrument",
        name=instrument.name,
        version=instrument.version,
        task=task,
        description=f"{status}{instrument.name}: an official instrument, computed exactly as published. {task}",
        source=instrument.source,
        commit=instrument.commit,
        licence=str(about.get("licence", "")),
        owner=str(about.get("owner", "")),
        data_hash=fingerprint(*instrument.files),
        files=file_hashes(instrument.files),
        inputs=_inputs(instrument),
        outputs=tuple(_outputs(instrument, screen)),
        architecture=tuple(_architecture(instrument, screen)),
        numbers=numbers(key),
        limits=tuple(_limits(instrument, screen)),
        uses=used_by(key),
        third_party=str(about.get("owner", "")).split(";")[0],
        state="published; legacy" if instrument.legacy else "published",
    )


def file_hashes(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, hashlib.sha256(Path(DATA, name).read_bytes()).hexdigest()) for name in names)


@cache
def numbers(key: str) -> int:
    """Coefficients, points and thresholds of the instrument's own; those of the parts it uses are theirs."""
    section = SECTIONS.get(key, key)
    held = [load(name) for name in instruments()[key].files if name.endswith(".toml")]
    return next((count_numbers(file[section]) for file in held if section in file), 0)


def count_numbers(value: Any) -> int:
    """Numbers in a part of a data file, however deep."""
    if isinstance(value, dict):
        return sum(count_numbers(one) for one in value.values())
    if isinstance(value, list):
        return sum(count_numbers(one) for one in value)
    return int(isinstance(value, int | float) and not isinstance(value, bool))


def _inputs(instrument: Instrument) -> tuple[InputFact, ...]:
    table = field_table()
    needed = {check.field for check in instrument.checks if check.kind == "missing"}
    dynamic = {check.field for check in instrument.dynamic_checks if check.kind == "missing"}
    conditional = {
        check.field for check in instrument.checks if check.kind == "missing" and "for men" in check.key
    }
    found = []
    for name in read_by(instrument.key):
        info = table[name]
        if name in conditional:
            missing = "no score for a man with a sexual offence on record"
        elif name in needed:
            missing = "no score"
        elif name in dynamic:
            missing = "the static version is used"
        elif name.startswith("drug_") and instrument.dynamic_checks:
            missing = "counted as full motivation" if name == "drug_motivation" else "counted as not used"
        elif name == "community_date":
            missing = "the date of conviction stands in for it"
        else:
            missing = "may be left out; the result lists it"
        words = ", ".join(word.replace("_", " ") for word in CHOICES.get(info.kind, {}))
        found.append(InputFact(name, info.label, words or KIND_WORDS[info.kind], info.item, missing))
    return tuple(found)


def _outputs(instrument: Instrument, screen: bool) -> list[str]:
    found = []
    if not screen:
        found.append(f"A percentage with {instrument.decimals} decimals.")
    if instrument.point_edges or screen:
        found.append("Points.")
    if instrument.bands:
        bands = [band.replace("_", " ") for band in instrument.bands]
        if instrument.edges:
            cuts = [
                f"{band} from {edge:g} %" for band, edge in zip(bands[1:], instrument.edges, strict=False)
            ]
            found.append(f"A band: {bands[0]} below {instrument.edges[0]:g} %, {', '.join(cuts)}.")
        else:
            found.append(f"A band: {', '.join(bands)}.")
    if instrument.dynamic_checks:
        found.append("Which version was used, static (the record only) or dynamic (life now too), and why.")
    found.append("Every part of the sum with what it added, and every answer that was missing.")
    return found


def _architecture(instrument: Instrument, screen: bool) -> list[str]:
    count = numbers(instrument.key)
    parts = used_by(instrument.key)
    if parts:
        first = f"It is put together from other instruments: {', '.join(parts)}."
    elif any(name == instrument.key for name, _ in SETS):
        first = (
            "Logistic regression: a sum of coefficients, made a probability. Two sets, static and dynamic."
        )
    elif screen:
        first = "Points for answers, added up; a threshold."
    elif instrument.point_edges or instrument.key in ("ogp", "ovp"):
        first = "Points for answers, added up, and a curve from points to a probability."
    else:
        first = "A published formula or table; see its source."
    return [
        first,
        f"Numbers of its own in the data file: {count}.",
        "The same input gives the same output, always.",
    ]


def _limits(instrument: Instrument, screen: bool) -> list[str]:
    found = ["It says nothing of one person: it counts people with the same answers."] if not screen else []
    if not screen:
        found.append("It counts proven offences, not all offences.")
        found.append("Small groups are known less well: women, older people, people with few sanctions.")
    if instrument.legacy:
        found.append("An older instrument: do not mix its bands with those of the current ones.")
    return found
