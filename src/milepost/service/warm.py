"""What a web process does once, behind its first requests, so that later ones need not wait for it."""

from __future__ import annotations

import gc
import logging
import threading

from django.urls import get_resolver

from milepost.compliance import warm_up as engine

log = logging.getLogger("milepost.serve")
NEW_OBJECTS = 20_000
"""So many new objects before the collector of garbage looks at them: a page with a map makes as many."""


def warm_up() -> None:
    """Loads the pages and the compiled engine."""
    len(get_resolver().url_patterns)
    try:
        engine.warm_up()
    except Exception:  # no compiler here: the plain kernel gives the same answers
        log.exception("the compiled engine cannot be loaded: the week of a person takes longer")
    keep_what_is_loaded()


def keep_what_is_loaded() -> None:
    """Takes what is loaded out of the collector's rounds: it stays for as long as the process does, and walking over it
    was most of the slowest pages' time, and a quarter of a single post's."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


def warm_up_behind() -> None:
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
