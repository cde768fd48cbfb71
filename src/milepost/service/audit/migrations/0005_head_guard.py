"""The database refuses to move the log's head but with an entry. And where checkpoints were handed out to."""

from typing import Any

from django.db import migrations, models

from milepost.service.audit import guards


def install(apps: Any, schema_editor: Any) -> None:
    guards.install(schema_editor.connection)


def keep(apps: Any, schema_editor: Any) -> None:
    """On the way back the triggers stay: the migration before this one has them removed."""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_shown")]

    operations = [
        migrations.CreateModel(
            name="HandedOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(help_text="Of the checkpoint; 0: none could be made")),
                (
                    "way",
                    models.CharField(
                        choices=[("file", "File"), ("webhook", "Webhook"), ("syslog", "Syslog")],
                        max_length=10,
                    ),
                ),
                ("to", models.CharField(help_text="The folder, or the machine", max_length=300)),
                ("at_us", models.BigIntegerField()),
                (
                    "failed",
                    models.CharField(
                        blank=True, help_text="What went wrong; empty: it was taken", max_length=300
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["way", "to", "-at_us"], name="handed_out_latest")]},
        ),
        migrations.RunPython(install, keep),
    ]
