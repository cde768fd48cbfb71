"""Entries written at the same time by many: no gap, no fork, none lost; and none without its transaction."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from milepost.service.audit import store
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write


def one(n: int) -> None:
    write(by=None, operation=Operation.ALTERATION, what="test", details={"n": n})


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain():
    writers, each, failed = 6, 15, []

    def work(writer: int) -> None:
        try:
            for i in range(each):
                with transaction.atomic():
                    one(writer * each + i)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(w,)) for w in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(e["n"] for e in Entry.objects.values_list("details", flat=True)) == list(range(writers * each))
    outcome = store.check()
    assert (outcome.broken, outcome.checked) == (None, writers * each)


@pytest.mark.django_db(transaction=True)
def test_no_entry_without_a_transaction_and_none_left_by_one_that_failed():
    with pytest.raises(TransactionManagementError):
        one(1)
    with transaction.atomic():
        one(2)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        one(3)
        raise ZeroDivisionError
    with transaction.atomic():
        one(4)
    assert list(Entry.objects.order_by("number").values_list("number", "details")) == [
        (1, {"n": 2}),
        (2, {"n": 4}),
    ]
