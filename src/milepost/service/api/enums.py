"""Enums of the models that are called alike ("Kind", "State"): written out where they are used in the document,
because there a name can stand for one thing only."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from milepost.service.monitoring.models import Decision
from milepost.service.orders.models import Absence, Device

DeviceKind = Annotated[Device.Kind, WithJsonSchema({"type": "string", "enum": list(Device.Kind.values)})]
DeviceState = Annotated[Device.State, WithJsonSchema({"type": "string", "enum": list(Device.State.values)})]
AbsenceKind = Annotated[Absence.Kind, WithJsonSchema({"type": "string", "enum": list(Absence.Kind.values)})]
DecisionState = Annotated[
    Decision.State, WithJsonSchema({"type": "string", "enum": list(Decision.State.values)})
]
