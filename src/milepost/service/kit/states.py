"""The life of a record as data: which change leads from which state to which, and who may make it.

Actions and policies go by it, and its page in the docs is made from it (``make reference``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from milepost.service.kit.refusals import Principal, Refused, need


@dataclass(frozen=True, slots=True)
class Change:
    """One change of state. A name may stand more than once, where what follows depends on the state before."""

    name: str
    came_from: tuple[str, ...]
    goes_to: str
    rule: str
    permission: str | None = None
    """None: nobody is asked, ``by`` makes it."""
    by: str = "the service"


@dataclass(frozen=True, slots=True)
class Life:
    """All changes of one kind of record. ``meanings`` says each state in words, in the order of a life."""

    page: str
    """The page's name in docs/reference, without ending."""
    title: str
    intro: str
    begins: tuple[tuple[str, str], ...]
    """A first state, and by what a record comes into it."""
    changes: tuple[Change, ...]
    meanings: dict[str, str]
    ends: tuple[str, ...] = ()
    """States after which the record is done with, though it may still change."""
    notes: str = field(default="")

    def change(self, name: str) -> Change:
        """The first of that name. Raises ``KeyError``."""
        for change in self.changes:
            if change.name == name:
                return change
        raise KeyError(name)

    def after(self, state: str, name: str) -> str | None:
        """The state that follows, or None where the change may not be made."""
        return next((c.goes_to for c in self.changes if c.name == name and state in c.came_from), None)

    def diagram(self) -> str:
        """The states and changes as a Mermaid state diagram."""
        lines = ["stateDiagram-v2"]
        lines += [f"    [*] --> {state}: {how}" for state, how in self.begins]
        for change in self.changes:
            by = "" if change.permission else f" ({change.by})"
            lines += [
                f"    {state} --> {change.goes_to}: {_words(change.name)}{by}" for state in change.came_from
            ]
        return "\n".join([*lines, *(f"    {state} --> [*]" for state in self.ends)])

    def table(self) -> str:
        """The changes as a Markdown table."""
        rows = ["| Step | From | To | Right | Rule |", "|---|---|---|---|---|"]
        for c in self.changes:
            right = f"`{c.permission}`" if c.permission else c.by
            came_from = ", ".join(f"`{state}`" for state in c.came_from)
            rows.append(f"| {_words(c.name)} | {came_from} | `{c.goes_to}` | {right} | {c.rule} |")
        return "\n".join(rows)

    def render(self) -> str:
        """The whole page of the docs."""
        meanings = "\n".join(f"| `{state}` | {means} |" for state, means in self.meanings.items())
        parts = [
            f"# {self.title}", self.intro, self.table(), f"| State | What it means |\n|---|---|\n{meanings}", self.notes,
            f"```mermaid\n{self.diagram()}\n```",
        ]  # fmt: skip
        return "\n\n".join(part for part in parts if part) + "\n"


def check_step(life: Life, name: str, state: str, user: Principal, otherwise: str | None = None) -> None:
    """Raises ``Refused`` unless the user's role includes the change and it may be made from ``state``.

    ``otherwise``: the reason where the state is another.
    """
    permission = life.change(name).permission
    if permission is not None:
        need(user, permission)
    if life.after(state, name) is None:
        raise Refused(otherwise or _("Somebody has moved this version on already. Look at it again."))


def _words(name: str) -> str:
    return name.replace("_", " ")
