from __future__ import annotations

from typing import Any

from django.db import migrations, models


def index_what_is_there(apps: Any, schema_editor: Any) -> None:
    """Keys of the words, and digits of the telephone numbers, of the people who are there already."""
    from milepost.service.people.near import keys_of
    from milepost.service.people.words import backwards

    NameWord, NearWord = apps.get_model("people", "NameWord"), apps.get_model("people", "NearWord")
    words = NameWord.objects.order_by().values_list("word", flat=True).distinct()
    NearWord.objects.bulk_create(
        [NearWord(key=key, word=word) for word in words for key in sorted(keys_of(word))],
        batch_size=5000,
        ignore_conflicts=True,
    )
    Contact = apps.get_model("people", "ContactDetail")
    numbers = Contact.objects.filter(kind__in=("mobile", "telephone", "other_person")).only("pk", "value")
    some = []
    for contact in numbers.iterator(chunk_size=5000):
        contact.number_backwards = backwards(contact.value)
        some.append(contact)
        if len(some) == 500:
            Contact.objects.bulk_update(some, ["number_backwards"])
            some = []
    Contact.objects.bulk_update(some, ["number_backwards"])


class Migration(migrations.Migration):
    dependencies = [("people", "0009_two_hands")]
    operations = [
        migrations.CreateModel(
            name="NearWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(db_index=True, max_length=41)),
                ("word", models.CharField(db_index=True, max_length=40)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("word", "key"), name="near_word_once")]},
        ),
        migrations.AddField(
            model_name="contactdetail",
            name="number_backwards",
            field=models.CharField(
                blank=True,
                db_index=True,
                editable=False,
                max_length=15,
                default="",
                help_text="The digits of a telephone number from the last: an index finds by its end, however it begins",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(index_what_is_there, migrations.RunPython.noop),
    ]
