"""Every instrument by key."""

from __future__ import annotations

from functools import cache

from milepost.risk import legacy, ogrs4, pni, screeners, sexual, snsv
from milepost.risk.scored import Instrument

CURRENT = ("arp", "vrp", "svrp", "dc_srp", "iic_srp", "csrp")
LEGACY = ("ogrs3", "ogp", "ovp", "snsv", "osp_dc", "osp_iic", "rsr")
SCREENERS = ("pni", "opd", "mst", "lds")
GROUPS = {"current": CURRENT, "legacy": LEGACY, "screeners": SCREENERS}
GROUPS["all"] = (*CURRENT, *LEGACY, *SCREENERS)


@cache
def instruments() -> dict[str, Instrument]:
    """All of them, in the order they are shown."""
    found = {
        **ogrs4.INSTRUMENTS,
        **sexual.INSTRUMENTS,
        **legacy.INSTRUMENTS,
        **snsv.INSTRUMENTS,
        **sexual.LEGACY,
        **pni.INSTRUMENTS,
        **screeners.INSTRUMENTS,
    }
    return {key: found[key] for key in GROUPS["all"]}


def chosen(names: tuple[str, ...]) -> tuple[str, ...]:
    """Keys of instruments from keys and names of groups. Raises ``ValueError`` for a name that is neither."""
    keys: list[str] = []
    for name in names:
        if name in GROUPS:
            keys += GROUPS[name]
        elif name in instruments():
            keys.append(name)
        else:
            known = ", ".join([*GROUPS, *instruments()])
            raise ValueError(f"There is no instrument {name!r}. There are: {known}.")
    return tuple(dict.fromkeys(keys))
