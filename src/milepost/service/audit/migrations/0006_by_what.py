"""What was done is found by an index: exceptional access is rare, and stands among millions of entries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_head_guard")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["what", "number"], name="audit_by_what"),
        ),
    ]
