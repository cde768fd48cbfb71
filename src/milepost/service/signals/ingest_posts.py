"""Single messages that the loop of an ingest process has read: one thread takes them in, many with one commit.

Nothing else differs from the views: the same checks, the same writing, the same answers (``ingest_answers``). Tokens are
looked up once for a group, because a tag that posts once a minute is never one that is remembered.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError

from milepost.service.signals import tokens
from milepost.service.signals.group_commit import Groups, Ticket
from milepost.service.signals.incoming import Incoming
from milepost.service.signals.ingest_answers import Post, Told, answer, come_again, receive, shown_token
from milepost.service.signals.policy_data import limits
from milepost.service.signals.writing import write_all
from milepost.service.web.requests import request_id

log = logging.getLogger("milepost.ingest")


@dataclass(slots=True)
class Answered:
    """``told`` as it goes out; ``group``: the number of its group, in the log's line and in the audit entry."""

    told: Told
    content: bytes
    group: str


class Posts:
    """Those of one loop."""

    def __init__(self, write: Callable[[list[Post]], list[Answered]] | None = None) -> None:
        self._groups: Groups[Post, Answered] = Groups(write or take_in, self._wake_all)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun: list[tuple[float, Ticket[Post, Answered]]] = []
        """One look a second is for all of them: a timer each would cost more."""

    async def take(self, post: Post, size: int) -> Answered:
        """The answer, when what it says is durable. ``size``: bytes that wait meanwhile."""
        if len(self._groups) >= limits().group.posts_waiting_at_most:
            return _alone(come_again())
        loop = self._loop = asyncio.get_running_loop()
        ticket: Ticket[Post, Answered] = Ticket(post, size, loop.create_future())
        if not self._begun:
            loop.call_later(1, self._look)
        self._begun.append((loop.time(), ticket))
        self._groups.add(ticket)
        await ticket.waiter
        if isinstance(ticket.result, Answered):
            return ticket.result
        return _alone(answer(post.door.format, ticket.result))

    def _look(self) -> None:
        """Who waits too long is told to come again: half as long where it is not being written yet."""
        assert self._loop is not None
        now_s, within_s = self._loop.time(), limits().group.wait_at_most_s
        begun, self._begun = self._begun, []
        for begun_s, ticket in begun:
            if ticket.waiter.done():
                continue
            waited_s = now_s - begun_s
            if waited_s > within_s and (self._groups.take_back(ticket) or waited_s > 2 * within_s):
                ticket.waiter.set_result(None)
            else:
                self._begun.append((begun_s, ticket))
        if self._begun:
            self._loop.call_later(1, self._look)

    def close(self) -> None:
        """Takes in what waits; returns when it is durable."""
        self._groups.close()

    def _wake_all(self, group: list[Ticket[Post, Answered]]) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has ended, and everybody's connection: durable, unheard
            self._loop.call_soon_threadsafe(_wake, group)


def _wake(group: list[Ticket[Post, Answered]]) -> None:
    for ticket in group:
        del (
            ticket.item
        )  # the list of those who wait is looked through once a second: it must not hold what they sent
        if not ticket.waiter.done():
            ticket.waiter.set_result(None)


def take_in(group: list[Post]) -> list[Answered]:
    """What each is told, of one group. In the thread that writes."""
    number, began_s = secrets.token_hex(8), time.perf_counter()
    token = request_id.set(number)
    try:
        told = _answers_of(group)
        refused = sum(one.status != 200 for one in told)
        log.info("posts", extra={
            "count": len(group), "refused": refused, "ms": round((time.perf_counter() - began_s) * 1000, 1),
        })  # fmt: skip
    finally:
        request_id.reset(token)
    return [_encoded(one, number) for one in told]


def _encoded(told: Told, number: str) -> Answered:
    try:
        return Answered(told, told.content(), number)
    except (TypeError, ValueError):  # what one is told cannot sink the others, whose signals are durable
        log.exception("an answer cannot be written")
        return Answered(come_again(), come_again().content(), number)


def _prefix_of(post: Post) -> str:
    try:
        return shown_token(post)[0]
    except Exception:  # a query that cannot be read: it is told so when its turn comes
        return ""


def _answers_of(group: list[Post]) -> list[Told]:
    try:
        tokens.read_ahead(_prefix_of(post) for post in group)
    except (DatabaseError, InterfaceError) as error:
        log.error("the database says nothing of tokens", extra={"reason": type(error).__name__})
        return [come_again() for _ in group]
    received = [_received(post) for post in group]
    good = [one for one in received if isinstance(one, Incoming)]
    results = iter(write_all(good) if good else ())
    return [
        one if isinstance(one, Told) else answer(post.door.format, next(results))
        for post, one in zip(group, received, strict=True)
    ]


def _received(post: Post) -> Incoming | Told:
    try:
        return receive(post)
    except Exception as error:  # one post cannot sink the others of its group
        return answer(post.door.format, error)


def _alone(told: Told) -> Answered:
    return Answered(told, told.content(), secrets.token_hex(8))
