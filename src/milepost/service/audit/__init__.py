"""Who did what to whose record, when and why: append-only, each entry sealed to the one before.

This app imports no other app of the service. Its entries have no foreign keys: the log never stands in the
way of erasing a person, and holds references and metadata, never the content of a record.
"""
