"""The lives that apps declare: whole, without traps, and as their pages in the docs say."""

from __future__ import annotations

import pytest
from tools.states_reference import DOCS, lives

from milepost.service.accounts.roles import Permission
from milepost.service.algorithms.models import PredictorStep
from milepost.service.assessments.models import AssessmentState, Contest, Override
from milepost.service.kit.states import Life
from milepost.service.monitoring.models import CallBack, Decision, IncidentState
from milepost.service.orders.models import AbsenceState, Device, ToCheck, VersionState
from milepost.service.signals.models import QuarantinedMessage

STATES = {
    "order-states": VersionState,
    "assessment-states": AssessmentState,
    "incident-states": IncidentState,
    "absence-states": AbsenceState,
    "call-back-states": CallBack.State,
    "contest-states": Contest.State,
    "decision-states": Decision.State,
    "device-states": Device.State,
    "import-check-states": ToCheck.State,
    "override-states": Override.State,
    "predictor-step-states": PredictorStep.State,
    "quarantine-states": QuarantinedMessage.State,
}
LIVES = lives()


def test_every_life_is_known_here():
    assert {life.page for life in LIVES} == set(STATES)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.page)
def test_every_state_can_be_reached_and_none_but_an_end_is_a_trap(life: Life):
    states = {state.value for state in STATES[life.page]}
    reached = {str(state) for state, _ in life.begins} | {str(c.goes_to) for c in life.changes}
    left = {str(state) for change in life.changes for state in change.came_from}
    assert reached == states == {str(state) for state in life.meanings}
    assert states - left <= {str(state) for state in life.ends}
    assert {c.permission for c in life.changes if c.permission} <= set(Permission)
    assert all(life.after(c.came_from[0], c.name) == c.goes_to for c in life.changes)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.page)
def test_the_page_is_what_the_code_goes_by(life: Life):
    assert (DOCS / f"{life.page}.md").read_text(encoding="utf-8") == life.render(), "make reference"
