from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("upkeep", "0002_watch"),
    ]

    operations = [
        migrations.AlterField(
            model_name="upkeeprun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("backup", "Backup"),
                    ("restore", "Restore"),
                    ("retention", "Retention"),
                    ("erasure", "Erasure"),
                    ("roll", "Roll"),
                    ("watch", "Watch"),
                    ("rewrite", "Rewrite"),
                ],
                max_length=20,
            ),
        ),
    ]
