"""Records of algorithms, written from what runs: transparency record (ATRS), model card, DPIA and EIA appendices."""

from milepost.risk.records import instrument_facts, tier_facts
from milepost.risk.records.document import RecordDocument
from milepost.risk.records.make import KINDS, record_for
from milepost.risk.records.subjects import UnknownSubject, register, subject_keys

register("instruments", instrument_facts.keys, instrument_facts.facts)
register("tier", tier_facts.keys, tier_facts.facts)

__all__ = ["KINDS", "RecordDocument", "UnknownSubject", "record_for", "register", "subject_keys"]
