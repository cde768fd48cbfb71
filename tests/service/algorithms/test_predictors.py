"""Steps of a predictor: two people where policy says so, the registry's own rules, and what was altered is not used."""

from __future__ import annotations

import shutil

import pytest
from django.urls import reverse

from milepost.risk.predictors.signing import Untrusted
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.algorithms import actions
from milepost.service.algorithms.models import PredictorStep
from milepost.service.algorithms.predictors import entry_of, held
from milepost.service.audit.models import Entry as AuditEntry
from milepost.service.kit.refusals import Refused
from tests.service.algorithms.made import made_registry
from tests.service.world import World


@pytest.fixture
def second(world: World) -> User:
    return User.objects.create_user("second@example.org", name="Second Analyst", role=Role.ANALYST)


def ask(entry, to: str, by: User, **more) -> PredictorStep:
    values = {"why": "It did well.", "evaluation_hash": entry.facts()["evaluation_hash"], **more}
    return actions.ask(entry=entry_of(entry.name, entry.version), to=to, by=by, **values)


def test_approving_takes_two_people_and_the_registry_signs_it(world: World, second: User):
    analyst, entry = world.users[Role.ANALYST], made_registry()
    ask(entry, "shadow", analyst)
    assert entry_of("made-up", 1).state == "shadow", "one person may begin to watch"
    step = ask(entry, "approved", analyst)
    assert step.state == PredictorStep.State.WAITING
    assert entry_of("made-up", 1).state == "shadow"
    with pytest.raises(Refused, match="second person"):
        actions.confirm(step=step, by=analyst)
    actions.confirm(step=step, by=second, note="Read it.")
    found = entry_of("made-up", 1)
    assert found.state == "approved"
    assert found.facts()["history"][-1]["by"] == "Second Analyst"
    assert "asked by" in found.facts()["history"][-1]["why"]
    whats = list(world.entries().values_list("what", flat=True))
    assert whats == ["predictor.move", "predictor.ask", "predictor.confirm"]


def test_what_the_registry_refuses_leaves_nothing_behind(world: World, second: User, settings):
    settings.DEMO = False
    analyst, entry = world.users[Role.ANALYST], made_registry()
    ask(entry, "shadow", analyst)
    step = ask(entry, "approved", analyst)
    with pytest.raises(Refused, match="synthetic people"):
        actions.confirm(step=step, by=second)
    step.refresh_from_db()
    assert step.state == PredictorStep.State.WAITING
    assert not AuditEntry.objects.filter(what="predictor.confirm").exists()


def test_a_second_person_may_refuse_and_then_it_can_be_asked_again(world: World, second: User):
    analyst, entry = world.users[Role.ANALYST], made_registry()
    ask(entry, "shadow", analyst)
    step = ask(entry, "approved", analyst)
    with pytest.raises(Refused, match="waits for a second person"):
        ask(entry, "retired", analyst)
    actions.refuse(step=step, by=second, note="Too few women.")
    with pytest.raises(Refused, match="answered already"):
        actions.confirm(step=step, by=second)
    ask(entry, "retired", second)
    assert entry_of("made-up", 1).state == "retired"


def test_who_may_not_and_what_has_changed(world: World):
    entry = made_registry()
    with pytest.raises(Refused, match="role"):
        ask(entry, "shadow", world.nora)
    with pytest.raises(Refused, match="not in a state"):
        ask(entry, "approved", world.users[Role.ANALYST])
    with pytest.raises(Refused, match="has changed since"):
        ask(entry, "shadow", world.users[Role.ANALYST], evaluation_hash="old")


def test_an_altered_predictor_is_named_and_not_used(world: World, signed_in):
    entry = made_registry()
    file = entry.folder / "entry.json"
    file.write_text(file.read_text().replace("0.21", "0.11"))
    assert held().entries == []
    client = signed_in(world.users[Role.ANALYST])
    page = client.get(reverse("algorithms:list")).content.decode()
    assert "was changed after it was signed" in page
    assert client.get(reverse("algorithms:predictor", args=["made-up", 1])).status_code == 404


def test_the_form_keeps_what_was_typed(world: World, signed_in):
    made_registry()
    client = signed_in(world.users[Role.ANALYST])
    address = reverse("algorithms:predictor-step", args=["made-up", 1])
    page = client.post(address, {"to": "shadow", "why": "Because <b>so</b>", "evaluation_hash": "x"})
    text = page.content.decode()
    assert "There is a problem" in text
    assert "Because &lt;b&gt;so&lt;/b&gt;" in text


def test_drift_that_nobody_measured_is_not_called_none_and_a_file_beside_the_entry_is_not_believed(
    world: World, signed_in
):
    """What is shown comes from the watch. A file in the registry could be written by anybody, and nothing signs it."""
    entry = made_registry()
    client = signed_in(world.users[Role.ANALYST])
    address = reverse("algorithms:predictor", args=["made-up", 1])
    assert "Not measured yet" in client.get(address).content.decode()
    (entry.folder / "drift.json").write_text('{"alarms": []}')
    assert "Not measured yet" in client.get(address).content.decode()


def test_a_registry_put_back_to_an_older_copy_is_not_trusted(world: World, tmp_path):
    """Every signature holds, head and history agree; what was recorded here shows that a step is missing."""
    analyst, entry = world.users[Role.ANALYST], made_registry()
    ask(entry, "shadow", analyst)
    older = shutil.copytree(entry.folder, tmp_path / "older")
    ask(entry_of("made-up", 1), "retired", analyst)
    shutil.rmtree(entry.folder)
    shutil.copytree(older, entry.folder)
    assert held().not_trusted == ["made-up 1"]
    with pytest.raises(Untrusted, match="lacks a step that was taken here: retired"):
        entry_of("made-up", 1)
