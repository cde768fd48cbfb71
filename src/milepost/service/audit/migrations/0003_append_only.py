"""The database refuses to change what was logged."""

from django.db import migrations

from milepost.service.audit import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_verification")]

    operations = [migrations.RunPython(install, remove)]
