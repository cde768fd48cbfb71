"""The live server of the browser tests: its threads share one connection, and each has its transactions whole."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from milepost.service.accounts.models import Team

THREADS, EACH = 4, 100


@pytest.mark.django_db(transaction=True)
def test_transactions_of_several_requests_at_once_do_not_meet(live_server):
    shared, failed = connections["default"], []
    if shared.vendor == "sqlite":
        shared.inc_thread_sharing()

    def request(number: int) -> None:
        if shared.vendor == "sqlite":
            connections["default"] = shared
        try:
            for n in range(EACH):
                with transaction.atomic():
                    Team.objects.create(name=f"T{number}-{n}")
                    Team.objects.count()
        except Exception as error:
            failed.append(error)
        finally:
            if shared.vendor != "sqlite":
                connections["default"].close()

    threads = [threading.Thread(target=request, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if shared.vendor == "sqlite":
        shared.dec_thread_sharing()
    assert failed == []
    assert Team.objects.filter(name__startswith="T").count() == THREADS * EACH
