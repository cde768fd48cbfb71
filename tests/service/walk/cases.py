"""What the walk knows of each view. Each app adds its own in ``tests/service/walk/<app>.py``.

    VIEWS = {
        "people:search": View(right=[Role.PRACTITIONER, ...], status=200),
        "person_page:person": View(
            args=lambda world: {"reference": world.ada.reference},
            right=[Role.PRACTITIONER],            # roles that get ``status``; every other role must get 403 or 404
            other_team=lambda world: {"reference": world.ben.reference},   # the same roles must get 404 for this
        ),
        "monitoring:claim": View(method="post", args=..., data=lambda world: {...}, right=[...], status=302),
        "health-live": View(public=True),
    }

A GET asks the database at most ``USUAL_QUERIES`` times, and no more often with more data: it is asked twice, the
second time after ``more(world)``. A page that needs more says how many, and why: ``queries=Queries(30, "...")``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from milepost.service.accounts.roles import Role
from tests.service.world import World

Args = Callable[[World], dict[str, Any]]


USUAL_QUERIES = 20
"""Of 145 pages half ask 7 times and nine of ten 15 times at most. More than 20 needs a reason beside the case."""


@dataclass(frozen=True)
class Queries:
    """The most that a page may ask of the database, whatever its data."""

    most: int = USUAL_QUERIES
    because: str = ""
    """Why it needs more than the usual: what it puts together."""


def nothing(world: World) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class View:
    right: Sequence[Role] = ()
    args: Args = nothing
    """URL keyword arguments for a record that the right roles may see; may create it."""
    other_team: Args | None = None
    """URL keyword arguments of a record that nobody with the right roles may see, but for ``everywhere``."""
    method: str = "get"
    data: Args = nothing
    """Query or form values."""
    status: int = 200
    public: bool = False
    anonymous_status: int = 302
    """What an anonymous request gets: 302 to the sign-in page; 401 where a machine asks."""
    more: Callable[[World], object] | None = None
    """Adds data that must not raise the number of queries (default: more people with orders)."""
    queries: Queries = Queries()
    headers: dict[str, str] = field(default_factory=dict)
    own_tests: str = ""
    """For views with an access of their own (tokens, OpenID): the test file that tests it. The walk checks that
    the file exists and names the view, and tests only that an anonymous request is refused."""
