"""What an Arrow IPC message will take in memory, from what it says of itself, before any of it is unpacked.

A buffer that is compressed begins with its length unpacked, and a column of a dictionary repeats its values row by row
when it becomes plain: thirty kilobytes can ask for a gigabyte in either way. Layout: Arrow format/Message.fbs and
File.fbs, read with the few rules of FlatBuffers that they use.
"""

from __future__ import annotations

import struct

import pyarrow as pa
import pyarrow.compute as pc

DICTIONARY, BATCH = 2, 3
"""``MessageHeader`` of Message.fbs."""
_PER_BUFFER = 16
"""Two whole numbers of 64 bits: where it begins in the body, and how long it is."""


class Untrue(ValueError):
    """The message does not say of itself what it must."""


def unpacked_bytes(message: pa.ipc.Message) -> int:
    """Bytes of the buffers of one message after unpacking; 0 for a schema.

    Raises:
        Untrue: its description cannot be read.
    """
    try:
        return _unpacked(bytes(message.metadata), message.body)
    except (struct.error, IndexError, OverflowError, TypeError) as error:
        raise Untrue(str(error)) from None


def _unpacked(said: bytes, body: pa.Buffer | None) -> int:
    root = _number("<I", said, 0)
    place = _field(said, root, 1)
    kind = said[place] if place else 0
    header = _table(said, root, 2)
    if kind == DICTIONARY:
        header = _table(said, header, 1)
    elif kind != BATCH:
        return 0
    place = _field(said, header, 2)
    if not place:
        return 0
    buffers = place + _number("<I", said, place)
    is_packed = _field(said, header, 3) != 0
    content = memoryview(body) if body is not None else memoryview(b"")
    whole = 0
    for n in range(_number("<I", said, buffers)):
        at = buffers + 4 + n * _PER_BUFFER
        begin, length = _number("<q", said, at), _number("<q", said, at + 8)
        if begin < 0 or length < 0 or begin + length > len(content):
            raise Untrue("a buffer lies outside of the message")
        if not is_packed or not length:
            whole += length
            continue
        unpacked = _number("<q", content, begin)
        if unpacked < -1:
            raise Untrue("a buffer has less than no length")
        whole += length if unpacked == -1 else unpacked
    return whole


def _number(form: str, said: bytes | memoryview, at: int) -> int:
    if at < 0:
        raise Untrue("an offset points before the message")
    return int(struct.unpack_from(form, said, at)[0])


def _field(said: bytes, table: int, number: int) -> int:
    """Where a field of a table is; 0 where it is not there."""
    names = table - _number("<i", said, table)
    entry = 4 + 2 * number
    if entry >= _number("<H", said, names):
        return 0
    offset = _number("<H", said, names + entry)
    return table + offset if offset else 0


def _table(said: bytes, table: int, number: int) -> int:
    place = _field(said, table, number)
    if not place:
        raise Untrue("a part of the message is missing")
    return place + _number("<I", said, place)


def plain_bytes(table: pa.Table) -> int:
    """Bytes of the texts of all columns once every row holds its own: dictionaries are small, their rows are not."""
    whole = 0
    for column in table.columns:
        if not pa.types.is_dictionary(column.type) or not _is_text(column.type.value_type):
            continue
        for chunk in column.chunks:
            lengths = pc.binary_length(chunk.dictionary)
            total = pc.sum(lengths.take(chunk.indices).cast(pa.int64())).as_py()
            whole += total or 0
    return whole


def _is_text(kind: pa.DataType) -> bool:
    return any(
        is_kind(kind)
        for is_kind in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )
