"""The door to a person's record, and the door of a list of people: who may, what is found, what the log says.

Reading and logging are one act. The entry is written when the answer is ready and before a byte of it leaves: where it
cannot be written, nobody sees the page.
"""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Protocol, cast

from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from milepost.service.accounts.access import View, requires, signed_in_user
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.accounts.unseen import log_unseen
from milepost.service.audit.models import Entry
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit import looks

Find = Callable[..., Any]
"""Of the user and parts of the address, the record: through ``visible_to``, so that what the user may not see is 404."""


class Referenced(Protocol):
    """A person, as far as the log is concerned."""

    reference: str


class Look:
    """What the entry says beside the code and the record: a view adds to it while it works."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.reason = ""
        self.subject = ""
        self.details: dict[str, Any] = {}
        self.shown: set[str] = set()

    def note(self, *, reason: str = "", **details: Any) -> None:
        """References, numbers and codes only: never names, positions or free text of a record."""
        self.reason = reason or self.reason
        self.details |= details

    def show(self, people: Iterable[Referenced | str]) -> None:
        """Everybody whom the page names."""
        self.shown |= {one if isinstance(one, str) else one.reference for one in people}

    def write(self, user: User, operation: Operation) -> None:
        """The entry, in a transaction of its own: the last thing before the answer leaves."""
        with transaction.atomic():
            write(
                by=user, operation=operation, what=self.what, subject=self.subject, reason=self.reason,
                details=self.details, shown=self.shown,
            )  # fmt: skip


class LookedRequest(HttpRequest):
    """A request that came through one of the two doors."""

    user: User
    look: Look


def look_of(request: HttpRequest) -> Look:
    return cast(LookedRequest, request).look


def logged_already(people: Iterable[str]) -> set[str]:
    """Those of ``people`` of whom an entry of this request stands: what was undone with its transaction does not."""
    if written := looks.entries():
        stand = Entry.objects.filter(number__in=[number for number, _ in written]).values_list(
            "number", "seal"
        )
        looks.undone(written - set(stand))
    return {one for one in people if looks.is_logged(one)}


def person_of(record: Any) -> Any:
    """The person whom a record is about: itself, or its ``person``."""
    return getattr(record, "person", record)


def about(
    find: Find, what: str, *permissions: Permission, operation: Operation = Operation.CONSULTATION
) -> Callable[[View], View]:
    """The door to one record. The view is called with the record in place of the parts of the address that ``find``
    takes.

    ``what`` is the audit code. Where an action has written an entry about the same person during the request, that
    entry is the record of it and no second one is written.
    """
    takes = list(inspect.signature(find).parameters)[1:]

    def door(view: View) -> View:
        @requires(*permissions)
        @wraps(view)
        def guarded(request: HttpRequest, **address: Any) -> HttpResponseBase:
            user = signed_in_user(request)
            asked = {name: address.pop(name) for name in takes if name in address}
            try:
                record = find(user, **asked)
            except Http404:  # there is none, or not for them: nobody asks which
                log_unseen(user, what, [str(value) for value in asked.values()][:1])
                raise
            look = cast(LookedRequest, request).look = Look(what)
            look.details |= _key_of(record) | address
            response = view(request, record, **address)
            subject = person_of(record).reference
            look.subject = subject
            if look.shown or subject not in logged_already([subject]):
                look.write(user, operation)
            return response

        return guarded

    return door


def _key_of(record: Any) -> dict[str, Any]:
    """Which record, where it is not the person's own: {"order": "O000001"}, {"incident": 12}."""
    if hasattr(record, "audit_key"):
        key: dict[str, Any] = record.audit_key
        return key
    if not hasattr(record, "person"):
        return {}
    return {record._meta.model_name: getattr(record, "reference", "") or record.pk}


class ShownLately:
    """Whom a page that refreshes itself has named to which user, in this process, and when."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_s: dict[tuple[int, str], dict[str, float]] = {}

    def new_ones(self, user: int, what: str, shown: set[str], again_after_s: float) -> set[str]:
        """Those of ``shown`` who were not named to this user lately. The others count as logged: an entry says so."""
        now_s = time.monotonic()
        with self._lock:
            before = self._at_s.get((user, what), {})
            kept = {one: at_s for one, at_s in before.items() if now_s - at_s < again_after_s}
            self._at_s[user, what] = kept
        looks.logged(shown & kept.keys())
        return shown - kept.keys()

    def remember(self, user: int, what: str, shown: set[str]) -> None:
        """To be called when the entry is written."""
        with self._lock:
            self._at_s.setdefault((user, what), {}).update(dict.fromkeys(shown, time.monotonic()))

    def forget(self) -> None:
        with self._lock:
            self._at_s.clear()


shown_lately = ShownLately()


def listing(
    what: str, *permissions: Permission, again_after_s: Callable[[], float] | None = None
) -> Callable[[View], View]:
    """The door of a page that names several people, or none: the view tells ``look_of(request).show(people)``.

    ``again_after_s`` is for a part of a page that is asked for again and again by itself: its entry names only those
    whom this user has not been shown by it for so long; where there is nobody new, there is no entry.
    """

    def door(view: View) -> View:
        @requires(*permissions)
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **address: Any) -> HttpResponseBase:
            look = cast(LookedRequest, request).look = Look(what)
            look.details |= address
            response = view(request, *args, **address)
            user = signed_in_user(request)
            if again_after_s is not None:
                look.shown = shown_lately.new_ones(user.pk, what, look.shown, again_after_s())
                if not look.shown:
                    return response
            if not (look.shown and look.shown <= logged_already(look.shown)):
                look.write(user, Operation.CONSULTATION)
            if again_after_s is not None:
                shown_lately.remember(user.pk, what, look.shown)
            return response

        return guarded

    return door
