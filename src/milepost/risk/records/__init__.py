"""Records of algorithms, written from what runs: transparency record (ATRS), model card, DPIA and EIA appendices."""

import os
from pathlib import Path

from milepost.risk.records import instrument_facts, tier_facts
from milepost.risk.records.document import RecordDocument
from milepost.risk.records.make import KINDS, record_for
from milepost.risk.records.predictor_family import of_registry, register_predictors
from milepost.risk.records.subjects import UnknownSubject, register, subject_keys

register("instruments", instrument_facts.keys, instrument_facts.facts)
register("tier", tier_facts.keys, tier_facts.facts)


def _predictors() -> Path | None:
    """The registry that the commands of predictors use, where the environment names one."""
    folder = os.environ.get("MILEPOST_PREDICTORS", "")
    return Path(folder) if folder else None


register_predictors(lambda: of_registry(_predictors()))

__all__ = ["KINDS", "RecordDocument", "UnknownSubject", "record_for", "register", "subject_keys"]
