import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_kind_of_team"),
        ("people", "0007_notes_by_user"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="prison",
            field=models.ForeignKey(
                blank=True,
                help_text="Where they are held now, whoever supervises them outside",
                limit_choices_to={"kind": "prison"},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="residents",
                to="accounts.team",
            ),
        ),
    ]
