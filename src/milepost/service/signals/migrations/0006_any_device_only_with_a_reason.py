from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0005_why_any_device")]

    operations = [
        migrations.AddConstraint(
            model_name="ingesttoken",
            constraint=models.CheckConstraint(
                condition=~models.Q(device_id="", device_prefix="", why_any_device=""),
                name="any_device_only_with_a_reason",
            ),
        ),
    ]
