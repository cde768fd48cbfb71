"""A process that is warm judges small inputs with compiled code; until then loading it would cost more."""

from __future__ import annotations

import threading

from milepost.compliance import compiled, kernel
from milepost.compliance.warm_up import warm_up


def test_small_inputs_are_judged_by_compiled_code_once_it_is_warm(monkeypatch):
    monkeypatch.setattr(compiled, "_warm", threading.Event())
    assert compiled.choose(10) is kernel
    assert compiled.choose(compiled.WORTH_COMPILING) is compiled.load()
    assert compiled.choose(10) is kernel, "one large file does not make the rest of them compiled"
    warm_up()
    assert compiled.choose(10) is compiled.load()
