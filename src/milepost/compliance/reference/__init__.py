"""The slow, obvious engine: the page "How the engine decides", word by word, in plain Python.

It is what the compiled engine is held against in the tests. One module for each section, functions
named after its sentences; nothing is shared with the compiled engine, nothing is done for speed.
"""

from __future__ import annotations

from milepost.compliance.reference.engine import evaluate_slowly

__all__ = ["evaluate_slowly"]
