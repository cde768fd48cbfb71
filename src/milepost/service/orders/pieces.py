"""A large order file in pieces, so that none holds the write lock for long: each has whole people."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.orders import model as shape


def n_rows(order_file: shape.OrderFile) -> int:
    """How much there is to write: people, orders, versions and activations."""
    versions = sum(len(order.versions) for order in order_file.orders)
    return len(order_file.people) + len(order_file.orders) + versions + len(order_file.activations)


def pieces_of(order_file: shape.OrderFile, rows_each: int) -> Iterator[shape.OrderFile]:
    """One after another, each of about ``rows_each`` rows; one person alone may be more. Together they are the file."""
    if n_rows(order_file) <= rows_each:
        yield order_file
        return
    parts: dict[str, tuple[list[shape.Person], list[shape.Order], list[shape.Activation]]] = {}
    for person in order_file.people:
        parts.setdefault(person.id, ([], [], []))[0].append(person)
    for order in order_file.orders:
        parts.setdefault(order.person_id, ([], [], []))[1].append(order)
    for activation in order_file.activations:
        parts.setdefault(activation.person_id, ([], [], []))[2].append(activation)
    gathered = _empty(order_file)
    for people, orders, activations in parts.values():
        gathered.people += people
        gathered.orders += orders
        gathered.activations += activations
        if n_rows(gathered) >= rows_each:
            yield gathered
            gathered = _empty(order_file)
    if n_rows(gathered):
        yield gathered


def _empty(order_file: shape.OrderFile) -> shape.OrderFile:
    return order_file.model_copy(update={"people": [], "orders": [], "activations": []})
