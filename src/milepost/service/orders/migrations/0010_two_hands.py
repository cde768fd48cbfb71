from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_who_approved")]

    operations = [
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_by__isnull", True),
                    models.Q(("second_by", models.F("by")), _negated=True),
                    _connector="OR",
                ),
                name="absence_second_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("needs_second", False),
                    ("second_by__isnull", False),
                    models.Q(("waits_for_second", False), ("withdrawn_utc__isnull", True), _negated=True),
                    _connector="OR",
                ),
                name="absence_stands_with_second",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(("approval__isnull", False), ("attestation__isnull", True)),
                    models.Q(("approval__isnull", True), ("attestation__isnull", False)),
                    _connector="OR",
                ),
                name="approved_by_somebody_or_attested",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    ("made_by__isnull", True),
                    models.Q(("decided_by", models.F("made_by")), _negated=True),
                    models.Q(("state__in", ["approved", "returned"]), _negated=True),
                    _connector="OR",
                ),
                name="decided_by_another_than_its_author",
            ),
        ),
    ]
