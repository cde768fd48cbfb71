"""What an erasure leaves in PostgreSQL's files, and what is left after the tables were made anew: the pages are read."""

from __future__ import annotations

import pytest
from django.db import connection

from milepost.service.accounts.actors import Machine
from milepost.service.audit.store import check
from milepost.service.people.models import Note
from milepost.service.upkeep.erase import erase_person
from milepost.service.upkeep.models import UpkeepRun
from milepost.service.upkeep.rewriting import not_rewritten, rewrite
from milepost.service.upkeep.status import status_now
from tests.service.world import make_world

BY = Machine("command", "rewrite")
WORDS = (b"Ada Vale", b"ada vale", b"1 Example Street", b"A secret that Ada told")


@pytest.fixture
def settled(settings, tmp_path):
    settings.LAKE, settings.PREDICTORS = str(tmp_path / "lake"), str(tmp_path / "predictors")
    world = make_world()
    Note.objects.create(person=world.ada, text="A secret that Ada told", by=world.nora)
    return world


def files_with(words) -> list[str]:
    """Tables and indexes of whose files on disk some page holds one of the words."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")  # so that files are what the tables are
        cursor.execute(
            "SELECT relname, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class "
            "WHERE relkind IN ('r', 'i', 't') AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)"
        )
        return sorted(name for name, content in cursor if any(word in bytes(content) for word in words))


@pytest.mark.django_db(transaction=True)
def test_after_the_rewrite_no_file_of_postgresql_holds_what_was_erased(settled):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's file is made anew by the erasure itself: test_drill reads it")
    assert "people_person" in files_with(WORDS), "the search would be blind"
    erase_person("P000001", reason="Supervision ended", by=BY, dry_run=False)
    assert not_rewritten()
    assert "not_rewritten" in status_now().troubles
    rewrite(by=BY)
    assert files_with(WORDS) == []
    assert not not_rewritten()
    assert "not_rewritten" not in status_now().troubles
    assert check().broken is None


@pytest.mark.django_db(transaction=True)
def test_the_rewrite_is_recorded_and_loses_nothing(settled):
    notes = Note.objects.count()
    tables = rewrite(by=BY)
    assert "people_note" in tables
    assert not any(name.startswith("audit_") for name in tables)
    assert Note.objects.count() == notes
    assert UpkeepRun.objects.get(kind="rewrite").audit_number is not None
