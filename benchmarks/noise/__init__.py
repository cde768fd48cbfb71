"""A second noise model, independent of the synthetic town's, to hold rules of evidence against.

It shares no code with ``milepost.synth``: other homes, other lives, other errors. Every rate in it is an
assumption; none was measured on a device. It serves to compare rules, not to promise a rate of mistakes.

``people`` draws lives and keeps the truth, ``sampling`` says when a tag reports, ``errors`` how far off and
what it claims, ``scenarios`` puts them together, ``scoring`` counts, ``bench`` runs and prints.
"""

from benchmarks.noise.bench import run

__all__ = ["run"]
