from __future__ import annotations

from typing import Any

from django.db import migrations


def index_names(apps: Any, schema_editor: Any) -> None:
    """Words of the people who are there already."""
    from milepost.service.people.words import words_of

    Person, NameWord = apps.get_model("people", "Person"), apps.get_model("people", "NameWord")
    words = []
    for person in Person.objects.only("pk", "name", "also_known_as").iterator(chunk_size=5000):
        words += [NameWord(person=person, word=word) for word in words_of(person.name, person.also_known_as)]
        if len(words) >= 5000:
            NameWord.objects.bulk_create(words)
            words = []
    NameWord.objects.bulk_create(words)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_search_and_review")]
    operations = [migrations.RunPython(index_names, migrations.RunPython.noop)]
