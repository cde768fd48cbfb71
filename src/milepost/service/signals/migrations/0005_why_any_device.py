from typing import Any

from django.db import migrations, models


def fill_why_any_device(apps: Any, schema_editor: Any) -> None:
    """Tokens from before: the reason is not known, and the list says so."""
    token = apps.get_model("signals", "IngestToken")
    token.objects.filter(device_id="", device_prefix="").update(
        why_any_device="Made before a reason was asked for"
    )


class Migration(migrations.Migration):
    dependencies = [("signals", "0004_days_that_are_leaving")]

    operations = [
        migrations.AddField(
            model_name="ingesttoken",
            name="why_any_device",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Why it may speak for any device: needed where nothing narrows it",
                max_length=300,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill_why_any_device, migrations.RunPython.noop),
    ]
