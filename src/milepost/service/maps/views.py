"""The door to tiles and streets, for people who are signed in. No name in an address becomes a path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from milepost.service.accounts.access import requires
from milepost.service.maps.addresses import streets as streets_file
from milepost.service.maps.addresses import tile_files
from milepost.service.maps.byte_range import BadRange, ByteRange, requested_range
from milepost.service.maps.streets import load_streets

PIECE_BYTES = 64 * 1024
KEEP = "private, max-age=3600"
"""Tiles change when an area changes its file; the browser asks again with the tag of the one it has."""
TILES_TYPE = "application/vnd.pmtiles"


@requires()
@require_safe
def tiles(request: HttpRequest, name: str) -> HttpResponseBase:
    """A ``.pmtiles`` file, whole or in part: 200, 206, 304, 404, 416."""
    path = tile_files().get(name)
    if path is None or not path.is_file():
        raise Http404("there are no such tiles")
    state = path.stat()
    etag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
    unchanged = request.headers.get("If-None-Match") == etag and "Range" not in request.headers
    if unchanged:
        return _kept(HttpResponse(status=304), etag)
    wanted = request.headers.get("Range")
    if request.headers.get("If-Range", etag) != etag:
        wanted = None  # the browser has pieces of an older file: it gets the new one whole
    try:
        part = requested_range(wanted, state.st_size)
    except BadRange:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{state.st_size}"})
    sent = part or ByteRange(0, state.st_size - 1)
    response = StreamingHttpResponse(
        _pieces(path, sent), status=206 if part else 200, content_type=TILES_TYPE
    )
    response["Content-Length"] = str(sent.length)
    if part:
        response["Content-Range"] = f"bytes {part.first}-{part.last}/{state.st_size}"
    return _kept(response, etag)


@requires()
@require_safe
def streets(request: HttpRequest) -> HttpResponse:
    """The streets as GeoJSON, packed where the browser can unpack: 200, 304, 404."""
    path = streets_file()
    if path is None or not path.is_file():
        raise Http404("there are no streets")
    found = load_streets(path)
    if request.headers.get("If-None-Match") == found.etag:
        return _kept(HttpResponse(status=304), found.etag)
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.packed if packs else found.plain, content_type="application/geo+json")
    if packs:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return _kept(response, found.etag)


def _pieces(path: Path, part: ByteRange) -> Iterator[bytes]:
    left = part.length
    with path.open("rb") as file:
        file.seek(part.first)
        while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece


def _kept[Response: HttpResponseBase](response: Response, etag: str) -> Response:
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = KEEP
    return response
