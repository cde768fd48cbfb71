from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_records_officer"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="telephone",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Of their work: told to people whom they supervise",
                max_length=40,
            ),
            preserve_default=False,
        ),
    ]
