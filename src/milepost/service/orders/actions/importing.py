"""Files taken in through the same readers as the command line: looked at first, then taken in."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from milepost.json_nesting import read_json
from milepost.orders import model as shape
from milepost.orders.devices_csv import add_devices
from milepost.orders.read import read_orders
from milepost.orders.zones_geojson import read_zones, zones_as_orders
from milepost.problems import Problem, UnreadableFile
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.accounts.unseen import log_unseen
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.downloads import clean_name
from milepost.service.kit.refusals import Refused
from milepost.service.orders.load import Loaded, load_order_file
from milepost.service.orders.models import Upload
from milepost.service.orders.pieces import n_rows, pieces_of
from milepost.service.orders.policy_data import document_limits
from milepost.service.people.models import Person

NEEDS = {
    Upload.Kind.ORDERS: Permission.EDIT_ORDERS,
    Upload.Kind.ZONES: Permission.EDIT_ORDERS,
    Upload.Kind.DEVICES: Permission.FIT_DEVICES,
}


def keep_upload(*, by: User, name: str, content: bytes, devices: bool = False) -> Upload:
    """Keeps a file until its owner has seen what it would make. Its kind is told by its content."""
    limit = document_limits().largest_import_bytes
    if not content.strip():
        raise Refused({"file": _("The file is empty. Choose another.")})
    if len(content) > limit:
        raise Refused({"file": _("The file is too large. Use the command line for large files.")})
    kind = (
        Upload.Kind.DEVICES if devices else Upload.Kind.ZONES if _is_geojson(content) else Upload.Kind.ORDERS
    )
    if not by.may(NEEDS[kind]):
        raise Refused(_("Your role does not include this."))
    if kind != Upload.Kind.DEVICES and by.team is None:
        raise Refused(_("You belong to no team, so nobody could see what you import. Ask an administrator."))
    return Upload.objects.create(
        kind=kind, name=clean_name(name), content=content, sha256=hashlib.sha256(content).hexdigest(), by=by
    )


def _is_geojson(content: bytes) -> bool:
    try:
        raw = read_json(content.decode("utf-8-sig"))
    except ValueError:
        return False
    return isinstance(raw, dict) and raw.get("type") in ("FeatureCollection", "Feature")


def look_at(*, by: User, upload: Upload) -> Loaded:
    """What taking it in would make, with every problem. Nothing stays but the log: it is done, and undone.

    Raises:
        UnreadableFile: nothing in the file can be understood.
    """
    order_file, problems = _read(by, upload)
    loaded = Loaded()
    for piece in _pieces(order_file):
        with transaction.atomic():
            loaded += _load(by, piece, upload)
            transaction.set_rollback(True)
    loaded.problems = [*problems, *loaded.problems]
    _log_look(by, upload, loaded)
    return loaded


def _log_look(by: User, upload: Upload, loaded: Loaded) -> None:
    """Looking tells nothing of people whom ``by`` does not see, but it is an attempt all the same."""
    with transaction.atomic():
        write(
            by=by, operation=Operation.CONSULTATION, what="orders.import_look", shown=loaded.seen,
            details={"sha256": upload.sha256, "to_check": len(loaded.to_check)},
        )  # fmt: skip
        log_unseen(by, "orders.import_look", loaded.to_check)


def take_in(*, by: User, upload: Upload) -> Loaded:
    """Takes a file in as drafts, piece by piece. Good parts go in, bad ones are named; the same file again changes
    nothing, so that what broke off can be sent again.

    Raises:
        Refused: it was taken in already.
        UnreadableFile: nothing in the file can be understood.
    """
    order_file, problems = _read(by, upload)
    loaded = Loaded()
    *first, last = _pieces(order_file)
    for piece in first:
        loaded += _load(by, piece, upload)
    with transaction.atomic():
        changed = Upload.objects.filter(pk=upload.pk, by=by, done_utc=None).update(
            done_utc=clock.now_utc(), content=b""
        )
        if not changed:
            raise Refused(_("This file has already been imported."))
        loaded += _load(by, last, upload)
    loaded.problems = [*problems, *loaded.problems]
    return loaded


def _pieces(order_file: shape.OrderFile) -> list[shape.OrderFile]:
    """At least one. Raises Refused for what is too much for a page."""
    limits = document_limits()
    most = limits.import_rows_at_most
    if n_rows(order_file) > most:
        raise Refused(
            _("The file has more than %(n)s people, orders, versions and fittings. Split it.") % {"n": most}
        )
    return list(pieces_of(order_file, limits.import_rows_of_a_piece))


def _load(by: User, order_file: shape.OrderFile, upload: Upload) -> Loaded:
    return load_order_file(order_file, by=by, team=by.team, source=upload.name)


def _read(by: User, upload: Upload) -> tuple[shape.OrderFile, list[Problem]]:
    with tempfile.TemporaryDirectory() as folder:
        path = (
            Path(folder) / f"upload-{upload.sha256[:12]}"
        )  # names rows that have no id: the same file, the same ids
        path.write_bytes(bytes(upload.content))
        try:
            order_file, problems = _read_kind(by, upload, path)
        except UnreadableFile as error:
            raise UnreadableFile(replace(error.problem, source=upload.name)) from None
    return order_file, [replace(problem, source=upload.name) for problem in problems]


def _read_kind(by: User, upload: Upload, path: Path) -> tuple[shape.OrderFile, list[Problem]]:
    if upload.kind == Upload.Kind.ZONES:
        zones, problems = read_zones(path)
        order_file, more = zones_as_orders(zones, upload.name)
        return order_file, [*problems, *more]
    if upload.kind == Upload.Kind.DEVICES:
        seen = Person.objects.visible_to(by).values_list("reference", flat=True)
        order_file = shape.OrderFile(people=[shape.Person(id=reference) for reference in seen])
        problems = add_devices(order_file, path)
        worn = {a.person_id for a in order_file.activations}
        order_file.people = [person for person in order_file.people if person.id in worn]
        return order_file, problems
    order_file, problems = read_orders(path)
    if order_file.activations and not by.may(Permission.FIT_DEVICES):
        problems.append(
            Problem(upload.name, None, "activations", "were left out: your role does not fit devices",
                    "Ask a monitoring officer to fit them", severity="warning")
        )  # fmt: skip
        order_file.activations = []
    return order_file, problems
