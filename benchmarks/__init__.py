"""Milepost measured beside its peers: ``python -m benchmarks`` (``make bench``).

Every module here that has a function ``run(quick: bool) -> Report`` is a benchmark and is found by
name. Nothing here is a test of time: a benchmark fails only if an answer is wrong.
"""
