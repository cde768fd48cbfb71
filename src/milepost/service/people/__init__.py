"""Persons on probation or on tag: identity, contact details, risks to staff, notes, who may see them."""
