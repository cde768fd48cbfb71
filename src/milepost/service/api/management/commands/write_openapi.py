"""Writes the OpenAPI document to a file; the docs keep a copy, which a test compares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from milepost.service.api.document import as_json


class Command(BaseCommand):
    help = "Writes the API's OpenAPI document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        options["path"].write_text(as_json(), encoding="utf-8")
