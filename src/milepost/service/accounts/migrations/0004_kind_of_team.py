from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_analyst"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="kind",
            field=models.CharField(
                choices=[("probation", "Probation"), ("monitoring", "Monitoring"), ("prison", "Prison")],
                default="probation",
                max_length=20,
            ),
        ),
    ]
