"""Somebody with the database in hand rewrites the log: each way is found, and the first broken entry named."""

from __future__ import annotations

import stat

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction

from milepost.cli import main
from milepost.service.audit import guards, kept, store
from milepost.service.audit.chain import Wrong
from milepost.service.audit.models import Checkpoint, Entry, Head, Verification
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.audit.seal import SEALED, seal_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path
    settings.CHECKPOINT_FOLDER = tmp_path / "checkpoints"


@pytest.fixture
def ten():
    for i in range(10):
        write(
            by=None, operation=Operation.CONSULTATION, what="person.page", subject=f"P{i}", details={"n": i}
        )


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def rewrite_from(number: int, **changes: object) -> None:
    """As an intruder who knows the code would: changes one entry and seals every later one anew."""
    guards.remove(connection)
    previous = Entry.objects.get(number=number).previous_seal
    for entry in Entry.objects.filter(number__gte=number).order_by("number"):
        for name, value in (changes if entry.number == number else {}).items():
            setattr(entry, name, value)
        entry.previous_seal = previous
        entry.seal = previous = seal_of({name: getattr(entry, name) for name in SEALED})
        entry.save()
    Head.objects.update(seal=previous)


def found(**more) -> tuple[int, Wrong]:
    outcome = store.check(**more)
    assert outcome.broken is not None
    last = Verification.objects.latest("pk")
    assert (last.broken_number, last.wrong) == (outcome.broken.number, outcome.broken.wrong)
    return outcome.broken.number, outcome.broken.wrong


def test_a_log_nobody_touched_is_sound(ten):
    store.make_checkpoint()
    write(by=None, operation=Operation.DENIED, what="view.denied", reason="Ŵyr £ \U0001f980")
    outcome = store.check()
    assert (outcome.broken, outcome.checked, outcome.checkpoints) == (None, 11, 1)
    assert Verification.objects.latest("pk").wrong == ""


@pytest.mark.parametrize("statement", [
    "UPDATE audit_entry SET subject = 'P99' WHERE number = 5",
    "DELETE FROM audit_entry WHERE number = 5",
    "UPDATE audit_checkpoint SET root = 'x'",
    "DELETE FROM audit_checkpoint",
])  # fmt: skip
def test_the_database_refuses_to_change_the_log(ten, statement):
    store.make_checkpoint()
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic():
        sql(statement)
    assert store.check().broken is None


def test_the_database_refuses_to_empty_or_replace(ten):
    statement = (
        "TRUNCATE audit_entry CASCADE" if connection.vendor == "postgresql"
        else "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE number = 5"
    )  # fmt: skip
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic():
        sql(statement)


@pytest.mark.parametrize("statement", [
    "UPDATE audit_head SET number = 4, seal = (SELECT seal FROM audit_entry WHERE number = 4)",
    "UPDATE audit_head SET number = 11",
    "UPDATE audit_head SET seal = 'x'",
    "DELETE FROM audit_head",
    "INSERT INTO audit_head (only_row, number, seal) VALUES (2, 0, 'x')",
    "DELETE FROM audit_shown",
    "UPDATE audit_shown SET reference = 'P99'",
    "INSERT INTO audit_entry SELECT 12, at_us, actor, role, operation, what, subject, recipient, reason, request_id, "
    "details, seal, seal FROM audit_entry WHERE number = 10",
    "INSERT INTO audit_entry SELECT 11, at_us, actor, role, operation, what, subject, recipient, reason, request_id, "
    "details, previous_seal, seal FROM audit_entry WHERE number = 10",
])  # fmt: skip
def test_the_database_refuses_a_head_without_its_entry_and_an_entry_that_does_not_follow(ten, statement):
    write(by=None, operation=Operation.CONSULTATION, what="board.page", shown=["P1"])
    statement = statement.replace("12", "13").replace("11", "12").replace("= 10", "= 11")
    with pytest.raises(DatabaseError, match=guards.REFUSAL), transaction.atomic():
        sql(statement)
    write(by=None, operation=Operation.CONSULTATION, what="person.page")
    assert (store.check().broken, store.head()[0]) == (None, 12)


def test_a_head_set_back_hides_nothing(ten):
    """One statement moves the head, and what is after it was once not read at all."""
    guards.remove(connection)
    Head.objects.update(number=4, seal=Entry.objects.get(number=4).seal)
    assert found() == (5, Wrong.HEAD)
    sql("UPDATE audit_entry SET subject = 'P99' WHERE number = 7")
    assert found() == (7, Wrong.CHANGED)


def test_a_head_that_is_gone_or_has_another_seal_is_found(ten):
    guards.remove(connection)
    Head.objects.update(seal="0" * 64)
    assert found() == (10, Wrong.HEAD)
    sql("DELETE FROM audit_head")
    assert found() == (1, Wrong.HEAD)


def test_an_end_that_is_cut_off_everywhere_shows_by_the_checkpoint_that_was_handed_out(ten, settings):
    """Entries, head and the database's own checkpoints: all cut. The folder has one that covers more."""
    store.make_checkpoint()
    kept.keep(settings.CHECKPOINT_FOLDER, store.make_checkpoint())
    guards.remove(connection)
    sql("DELETE FROM audit_entry WHERE number > 8")
    sql("DELETE FROM audit_checkpoint")
    Head.objects.update(number=8, seal=Entry.objects.get(number=8).seal)
    assert found() == (9, Wrong.MISSING)
    with pytest.raises(store.NotSound):
        store.make_checkpoint()


def test_verify_says_up_to_where_there_is_proof(ten, settings):
    assert "No checkpoint was compared." in run("verify").stdout
    kept.keep(settings.CHECKPOINT_FOLDER, store.make_checkpoint())
    write(by=None, operation=Operation.CONSULTATION, what="person.page")
    said = run("verify").stdout
    assert "Sound: 11 entries" in said
    assert f"by the checkpoint in {settings.CHECKPOINT_FOLDER}." in said
    assert "Entries 1 to 10 are those signed on" in said
    assert "Entries 11 to 11 are held by their chain alone" in said
    (file,) = settings.CHECKPOINT_FOLDER.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("{}")
    spoiled = run("verify")
    assert spoiled.exit_code == 2
    assert file.name in spoiled.stderr.replace("\n", "")


@pytest.mark.parametrize("change", [
    "subject = 'P99'", "reason = 'x'", "actor = 'user:1'", "at_us = at_us + 1", "what = 'x'", "operation = 'x'",
    "role = 'x'", "recipient = 'x'", "request_id = 'x'", "details = '{\"n\": 99}'",
])  # fmt: skip
def test_a_changed_entry_is_named_whatever_was_changed(ten, change):
    guards.remove(connection)
    sql(f"UPDATE audit_entry SET {change} WHERE number = 5")
    assert found() == (5, Wrong.CHANGED)


def test_a_deleted_entry_is_named(ten):
    guards.remove(connection)
    sql("DELETE FROM audit_entry WHERE number = 5")
    assert found() == (5, Wrong.MISSING)


def test_the_end_cut_off_is_found(ten):
    guards.remove(connection)
    sql("DELETE FROM audit_entry WHERE number > 8")
    assert found() == (9, Wrong.MISSING)


def test_the_end_and_the_head_cut_off_is_found_by_a_checkpoint(ten):
    outside = store.make_checkpoint()
    guards.remove(connection)
    sql("DELETE FROM audit_entry WHERE number > 8")
    sql("DELETE FROM audit_checkpoint")
    Head.objects.update(number=8, seal=Entry.objects.get(number=8).seal)
    assert store.check().broken is None, "nothing inside the database can show this"
    assert found(outside=[outside]) == (9, Wrong.MISSING)


def test_two_entries_swapped_are_named(ten):
    guards.remove(connection)
    sql("UPDATE audit_entry SET number = 99 WHERE number = 5")
    sql("UPDATE audit_entry SET number = 5 WHERE number = 6")
    sql("UPDATE audit_entry SET number = 6 WHERE number = 99")
    assert found() == (5, Wrong.REORDERED)


def test_an_entry_replaced_with_its_own_seal_made_anew_is_found_at_the_next(ten):
    guards.remove(connection)
    entry = Entry.objects.get(number=5)
    entry.subject = "P99"
    entry.seal = seal_of({name: getattr(entry, name) for name in SEALED})
    entry.save()
    assert found() == (6, Wrong.FORKED)


def test_everything_sealed_anew_is_caught_by_the_checkpoint_and_only_by_it(ten):
    outside = store.make_checkpoint()
    rewrite_from(5, subject="P99")
    sql("DELETE FROM audit_checkpoint")
    assert store.check().broken is None, "the chain alone cannot show it"
    assert found(outside=[outside]) == (10, Wrong.CHECKPOINT)


def test_rewritten_and_signed_with_another_key_is_caught(ten):
    outside = store.make_checkpoint()
    rewrite_from(5, subject="P99")
    sql("DELETE FROM audit_checkpoint")
    (store.Path(store.settings.DATA) / store.KEY_FILE).unlink()
    store.make_checkpoint()
    assert found(outside=[outside]) == (10, Wrong.CHECKPOINT)
    assert found(trusted_keys=[outside.public_key]) == (10, Wrong.CHECKPOINT)


def test_nothing_is_signed_that_is_not_sound(ten):
    guards.remove(connection)
    sql("UPDATE audit_entry SET subject = 'P99' WHERE number = 5")
    with pytest.raises(store.NotSound):
        store.make_checkpoint()
    assert not Checkpoint.objects.exists()


def test_an_entry_put_in_beyond_the_head_is_found(ten):
    guards.remove(connection)
    entry = Entry.objects.get(number=10)
    Entry(**{**{f: getattr(entry, f) for f in store.FIELDS}, "number": 11}).save(force_insert=True)
    assert found() == (11, Wrong.REORDERED)


def run(*arguments: str):
    return CliRunner().invoke(main, ["audit", *arguments])


def test_an_export_is_checked_with_no_database(ten, tmp_path):
    out, signed = tmp_path / "log.jsonl", tmp_path / "checkpoint.json"
    assert run("checkpoint", "--out", str(signed)).exit_code == 0
    assert run("export", "--out", str(out), "--to", "Inspectorate", "--reason", "Yearly audit").exit_code == 0
    logged = Entry.objects.latest("number")
    assert (logged.what, logged.recipient, logged.reason) == ("audit.export", "Inspectorate", "Yearly audit")
    good = run("verify", str(out), "--checkpoint", str(signed))
    assert (good.exit_code, "11 entries, 2 checkpoints" in good.stdout) == (0, True)
    lines = out.read_text().splitlines()

    def verify(changed: list[str]):
        out.write_text("\n".join(changed) + "\n")
        return run("verify", str(out), "--checkpoint", str(signed))

    for changed, expected in (
        ([line.replace('"P4"', '"P99"') for line in lines], "Entry 5 (changed)"),
        ([*lines[:5], *lines[6:]], "Entry 5 (missing)"),
        ([*lines[:5], lines[6], lines[5], *lines[7:]], "Entry 5 (missing)"),
        ([*lines[:6], lines[5], *lines[6:]], "Entry 5 (reordered)"),
        ([line.replace('"subject"', '"sub"') for line in lines], "Entry 1 (changed)"),
    ):
        result = verify(changed)
        assert result.exit_code == 1
        assert expected in result.stderr
    assert verify(["{}"]).exit_code == 2
    assert verify([*lines[:3], "not JSON"]).exit_code == 2


def test_verify_ends_with_one_and_names_the_entry(ten):
    assert run("verify").exit_code == 0
    guards.remove(connection)
    sql("UPDATE audit_entry SET subject = 'P99' WHERE number = 5")
    result = run("verify")
    assert result.exit_code == 1
    assert "NOT SOUND. Entry 5 (changed): its content is not what was sealed." in result.stderr


def test_a_wrong_key_and_a_wrong_checkpoint_file_end_with_two(ten, settings, tmp_path):
    wrong = tmp_path / "x.json"
    wrong.write_text("{}")
    assert run("verify", "--checkpoint", str(wrong)).exit_code == 2
    settings.AUDIT_KEY = "short"
    result = run("checkpoint", "--out", str(tmp_path / "y"))
    assert result.exit_code == 2
    assert "MILEPOST_AUDIT_KEY is not a key" in result.stderr


def test_the_key_is_made_once_for_its_owners_eyes(tmp_path):
    first = store.key().private_bytes_raw()
    assert stat.S_IMODE((tmp_path / store.KEY_FILE).stat().st_mode) == 0o600
    assert store.key().private_bytes_raw() == first
