"""Actors that are not users, for the audit log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """A worker, a command or a device: ``Machine("worker", "engine-1")`` is "worker:engine-1" in the log."""

    kind: str
    name: str

    @property
    def audit_name(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def audit_role(self) -> str:
        return self.kind
