"""The facts of the tier."""

from __future__ import annotations

from dataclasses import fields

from milepost.risk.data_files import fingerprint, load
from milepost.risk.records.facts import Facts, InputFact
from milepost.risk.records.instrument_facts import count_numbers, file_hashes
from milepost.risk.tier import FILE, STEPS, TierInputs

PARTS = ("reoffending", "sexual", "serious_harm", "lifer", "flags", "provisional")
MISSING = {
    "supervised": "taken as yes",
    "arp_percentage": "there is no tier",
    "csrp_percentage": "there is no tier",
    "serious_harm": "the tier may be provisional; the result says so",
}
TASK = "Says how much time a case is likely to need, from A (most) to G (least)."


def keys() -> list[str]:
    return ["tier"]


def facts(key: str) -> Facts:
    about = load(FILE)
    order = ", ".join(reversed(about["order"]))
    return Facts(
        key=key,
        kind="tier",
        name="The single tier, A to G",
        version=about["version"],
        task=TASK,
        description=f"{TASK} It is the highest of {len(STEPS)} steps, each a published table or flag; "
        "the step that set it is shown.",
        source=about["source"],
        commit=about["commit"],
        licence=about["licence"],
        owner=about["owner"],
        data_hash=fingerprint(FILE),
        files=file_hashes((FILE,)),
        inputs=tuple(_input(field.name) for field in fields(TierInputs)),
        outputs=(
            f"A tier: {order}; or that there is none, and why.",
            "The step or steps that set it, and what each step read.",
            "Whether it is provisional, and why.",
        ),
        architecture=("Rules. The tier is the highest of these steps:", *STEPS.values()),
        numbers=sum(count_numbers(about[part]) for part in PARTS),
        limits=(
            "It orders work. It is no measure of a person.",
            "It can be no better than the scores and registrations it reads.",
            "The steps for DC-SRP do not rise evenly with the percentage; the source means them so.",
        ),
        uses=("arp", "csrp", "dc_srp"),
        third_party=about["owner"].split(";")[0],
        state="published",
    )


def _input(name: str) -> InputFact:
    if name in MISSING:
        missing = MISSING[name]
    elif name in ("arp_basis", "csrp_basis"):
        missing = "not taken as static"
    elif name.startswith("dc_srp"):
        missing = "the step is left out"
    else:
        missing = "taken as not registered: say so only when you know"
    return InputFact(name, name.replace("_", " ").replace("percentage", "%"), missing=missing)
