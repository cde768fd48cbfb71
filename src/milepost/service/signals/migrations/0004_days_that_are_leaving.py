from typing import Any

from django.db import migrations, models


def left_days_have_left(apps: Any, schema_editor: Any) -> None:
    apps.get_model("signals", "RolledDay").objects.filter(removed_utc__isnull=False).update(recent=False)


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0003_quarantine_topic_and_problem"),
    ]

    operations = [
        migrations.AddField(
            model_name="rolledday",
            name="recent",
            field=models.BooleanField(default=True, help_text="Some of its rows may be in the recent tables"),
        ),
        migrations.AlterField(
            model_name="rolledday",
            name="removed_utc",
            field=models.DateTimeField(
                blank=True,
                help_text="When it began to leave the recent tables: from then on the lake is read",
                null=True,
            ),
        ),
        migrations.RunPython(left_days_have_left, migrations.RunPython.noop),
    ]
