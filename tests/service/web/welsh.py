"""What a page says, piece by piece, in English and in Welsh: a piece that is the same in both was not translated."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.conf import settings
from django.test import Client

SKIPPED = {"script", "style"}
SAME = {"Milepost", "English", "Cymraeg", "–"}


class _Pieces(HTMLParser):
    """Texts of the body, those of a field's label too. What is marked as of another language is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.lang = ""
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.lang = dict(attrs).get("lang") or ""
        if tag in SKIPPED:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data).strip()
        if text and not self._inside:
            self.pieces.append(text)


def read(html: str) -> tuple[str, list[str]]:
    """The language that the page says it is in, and its texts from the content on."""
    page = _Pieces()
    page.feed(html)
    page.close()
    return page.lang, page.pieces


def in_both(client: Client, address: str, *, only_main: bool = False) -> tuple[list[str], list[str]]:
    """The texts of a page in English and in Welsh. It must say of itself which it is."""
    told = []
    for code, lang in (("en-gb", "en-GB"), ("cy", "cy")):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = code
        answer = client.get(address)
        assert answer.status_code == 200, address
        html = answer.content.decode()
        found, pieces = read(html)
        assert found == lang
        told.append(read(html[html.index("<main") : html.index("</main>")])[1] if only_main else pieces)
    return told[0], told[1]


def not_translated(english: list[str], welsh: list[str], names: set[str]) -> list[str]:
    """Texts with words that stand in both. ``names`` and figures are the same in every language."""
    same = set(english) & set(welsh) - SAME - names
    return sorted(text for text in same if re.search(r"[A-Za-z]{2}", text))
