"""One process that answers: ``python -m milepost.service.serving pages|ingest FD... --threads N [--relay PATH]``.

``milepost serve`` opens the listening sockets and starts these processes; each inherits the sockets by number.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import socket
from typing import Any

import uvicorn

from milepost.service import supervise
from milepost.service.commands import set_up

SPARE_FILES = 256
"""Open files that are no connections: the database, its log, the lake."""


class Served(uvicorn.Server):
    """Looks after slow readers while it runs, and tells what it serves when the end has come."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        from milepost.service.serving.connections import look_after_readers

        await super().startup(sockets)
        self._watch = asyncio.get_running_loop().create_task(
            look_after_readers(self.server_state.connections)
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._watch.cancel()
        app: Any = self.config.app
        app.end()
        await super().shutdown(sockets)


def door(kind: str, threads: int, relay: str) -> Any:
    """The application of one process. Needs Django to be set up."""
    from django.conf import settings

    from milepost.service.serving.app import Door
    from milepost.service.serving.bodies import Memory
    from milepost.service.serving.relay import Relay
    from milepost.service.serving.threads import Threads
    from milepost.service.wsgi import application

    memory = Memory()
    here = Threads(application, threads, memory)
    if kind == "ingest":
        from milepost.service.serving.posts import InTheLoop

        in_the_loop = InTheLoop(here, application)
        return Door(here, in_the_loop, memory, behind_tls=settings.BEHIND_TLS, relayed=True)
    return Door(here, Relay(relay), memory, behind_tls=settings.BEHIND_TLS)


def make_room_for_files(connections: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def main() -> None:
    parser = argparse.ArgumentParser(prog="milepost.service.serving")
    parser.add_argument("kind", choices=("pages", "ingest"))
    parser.add_argument("fds", type=int, nargs="+")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--relay", default="", help="pages: the socket file of ingest")
    given = parser.parse_args()
    supervise.watch_parent()  # first: who holds the port of a parent that is dead keeps the next one waiting
    set_up()
    from milepost.service.serving.connections import HeldConnection
    from milepost.service.serving.database import bound_waits
    from milepost.service.serving.policy_data import limits
    from milepost.service.warm import keep_what_is_loaded, warm_up_behind

    bound_waits(limits().database)
    make_room_for_files(limits().connections.at_most)
    config = uvicorn.Config(
        door(given.kind, given.threads, given.relay), http=HeldConnection, ws="none", lifespan="off",
        loop="asyncio", interface="asgi3", log_config=None, access_log=False, proxy_headers=False,
        server_header=False, timeout_keep_alive=limits().connections.idle_at_most_s,
        timeout_graceful_shutdown=limits().ending.at_most_s,
    )  # fmt: skip
    if given.kind == "pages":
        warm_up_behind()
    else:
        keep_what_is_loaded()
    Served(config).run(sockets=[socket.socket(fileno=fd) for fd in given.fds])


if __name__ == "__main__":
    main()
