"""What the apps declare: whole, without doubles, and the only way in for a code, an event or a record of a person."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.urls import reverse
from pydantic import ValidationError

from milepost.service import events
from milepost.service.accounts.roles import Permission, Role
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit import capabilities
from milepost.service.kit.declaration import Capability
from milepost.service.kit.declaration import Entry as Navigation
from milepost.service.people.models import Person

SERVICE = Path(capabilities.__file__).parents[1]
PATH = re.compile(r"[a-z_.]+:\w+$")


def paths(thing: object) -> Iterator[str]:
    """Every "package.module:name" inside a declaration."""
    if isinstance(thing, str):
        if thing.startswith("milepost.") and PATH.match(thing):
            yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from paths(one)
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from paths(getattr(thing, field.name))


def test_every_app_declares_something_and_everything_that_is_named_is_there():
    found = capabilities.capabilities()
    assert {path.parent.name for path in SERVICE.glob("*/apps.py")} == found.keys()
    named = [path for one in found.values() for path in paths(one)]
    assert len(named) > 50
    for path in named:
        assert capabilities.named(path) is not None
    for entry in capabilities.navigation():
        assert reverse(entry.view)
        assert entry.permission in set(Permission)
    for tab in capabilities.person_tabs():
        assert reverse(tab.view, kwargs={"reference": "P1"})
        assert tab.permission in set(Permission)
    assert all(capabilities.first_pages(role) for role in Role)


@pytest.mark.django_db
def test_a_code_that_no_app_declares_is_not_written():
    with transaction.atomic(), pytest.raises(ValueError, match=r"\[person.glance\] is not an audit code"):
        write(by=None, operation=Operation.CONSULTATION, what="person.glance", subject="P1")
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_an_event_is_declared_and_its_body_has_the_shape_that_was_declared():
    with transaction.atomic():
        with pytest.raises(ValueError, match="not an event that an app declares"):
            events.announce("incident.seen", {"incident": 1})
        with pytest.raises(ValidationError, match="level"):
            events.announce("incident.opened", {"incident": 1, "kind": "late_return"})
        with pytest.raises(ValidationError, match="person"):
            events.announce("incident.closed", {"incident": 1, "person": "P1"})
        events.announce("incident.closed", {"incident": 1})


def test_what_two_apps_declare_is_refused():
    one = Capability(
        audit={"toy.page": "Looked"}, navigation=(Navigation("Toy", "toy:list", Permission.VIEW_PEOPLE, 1),)
    )
    with pytest.raises(ImproperlyConfigured, match=r"audit code: toy.page"):
        capabilities._check({"toy": one, "other": Capability(audit={"toy.page": "Looked too"})})
    with pytest.raises(ImproperlyConfigured, match="navigation entry: toy:list"):
        capabilities._check({"toy": one, "other": Capability(navigation=one.navigation)})


def to_person(model: type[models.Model], seen: frozenset[type] = frozenset()) -> bool:
    """Whether a chain of keys leads from a row of the model to a person."""
    if model is Person:
        return True
    keys = [field for field in model._meta.get_fields() if field.many_to_one or field.one_to_one]
    targets = {field.related_model for field in keys if field.concrete} - seen - {model}
    return any(to_person(target, seen | {model}) for target in targets if target is not None)


def own_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("milepost.service") and model is not Person
    ]


def test_every_record_of_a_person_says_how_it_goes():
    """Found through the models themselves: what holds a key to a person, directly or over others, is erased by name, or
    goes by cascade and is named as that."""
    by_name = {one.model: one for one in capabilities.records()}
    cascade = {name for one in capabilities.capabilities().values() for name in one.gone_with_person}
    about_people = {
        f"{model._meta.app_label}.{model.__name__}": model for model in own_models() if to_person(model)
    }
    assert by_name.keys() | cascade == about_people.keys()
    assert not by_name.keys() & cascade
    for name in cascade:
        keys = [f for f in about_people[name]._meta.get_fields() if f.many_to_one or f.one_to_one]
        keys = [f for f in keys if f.concrete and (f.related_model is Person or to_person(f.related_model))]
        assert any(f.remote_field.on_delete is models.CASCADE for f in keys), (
            f"{name} would not go by cascade"
        )
    for one in by_name.values():
        about_people[one.model]._default_manager.filter(**{one.path: 0})  # the path is one


def test_every_app_with_models_says_how_long_they_are_kept():
    for label, one in capabilities.capabilities().items():
        if any(model._meta.app_label == label for model in own_models()):
            assert one.retention or one.kept_with_person or one.kept_for_good, label
