"""One module for each engine, all with the same face.

``NAME``, ``CANNOT`` (what of Milepost's work it could not express here), and two functions:
``prepare(work)`` for what is not timed (connections, loading a server) and ``run(state)``, timed, from
Arrow tables in memory to a table of intervals. A module may have ``SUBSET``, the number of devices it is
given, ``close(state)``, and ``check(found, reference, state)`` where it cannot give the same rows.
Raise ``Unavailable`` from ``prepare`` to be skipped, loudly.
"""


class Unavailable(Exception):
    """This engine cannot run here. The message says what is missing and how to get it."""
