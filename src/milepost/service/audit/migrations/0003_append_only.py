"""The database refuses to change what was logged."""

from typing import Any

from django.db import migrations

from milepost.service.audit import guards


def install(apps: Any, schema_editor: Any) -> None:
    guards.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_verification")]

    operations = [migrations.RunPython(install, remove)]
