"""The Welsh catalogue: finds every sentence of the service, keeps the translations, compiles them.

    python tools/messages.py update     after adding or changing a sentence: one command, run before committing
    python tools/messages.py check      exit 1 when `update` would change a file; says how much Welsh is missing
    python tools/messages.py missing    lists the sentences without Welsh

Sentences are found in Python and in Jinja templates (also inside the arguments of macros, which Django's own
makemessages does not see), in the calls of `say` and `say_n` in the rooms of the library that speak to people
(`milepost.language`), in their data files, and in the titles of the service's data files that bring no Welsh.
The catalogue is sorted and names no lines and no dates, so two people's additions
merge; .gitattributes lets git keep both sides. After a merge run `update`: it settles the rest, the compiled file too.
A sentence that is no longer used is dropped. No guess is ever made: a changed sentence starts untranslated.
"""

from __future__ import annotations

import argparse
import io
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from milepost.compliance.texts import texts as texts_of_compliance
from milepost.risk.texts import texts as texts_of_risk

ROOMS = Path(__file__).parent.parent / "src" / "milepost"
SPEAKING = ("compliance", "risk")
"""Rooms of the library that speak to people."""
SERVICE = ROOMS / "service"
PO = SERVICE / "locale" / "cy" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {
    "**/templates/**.html": {
        "extensions": "jinja2.ext.do",
        "newstyle_gettext": "true",
        "trimmed": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    }
}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
LIBRARY_KEYWORDS = {"say": None, "say_n": (1, 2), "to_say": None}
HEADER = "# Welsh (Cymraeg) of Milepost. A professional translator must review it before people rely on it.\n"


def new_catalogue() -> Catalog:
    always = datetime(2000, 1, 1, tzinfo=UTC)  # a real date would make two equal catalogues differ
    return Catalog(
        locale="cy",
        project="Milepost",
        charset="utf-8",
        fuzzy=False,
        creation_date=always,
        revision_date=always,
    )


def found() -> Catalog:
    """Every sentence in the source, without translations."""
    catalogue = new_catalogue()
    for _, _, message, comments, context in extract_from_dir(
        SERVICE, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        catalogue.add(message, auto_comments=comments, context=context)
    for room in SPEAKING:
        for _, _, message, _, _ in extract_from_dir(ROOMS / room, METHODS[:1], keywords=LIBRARY_KEYWORDS):
            catalogue.add(message)
    for sentence in (*texts_of_compliance(), *texts_of_risk(), *titles_of_service()):
        if sentence not in catalogue:
            catalogue.add(sentence)
    return catalogue


def titles_of_service() -> Iterator[str]:
    """Titles that stand beside a code in its data files and have no ``title_cy`` (``kit.policy_data.Titled``)."""
    for path in sorted(SERVICE.rglob("*.toml")):
        yield from _titles(tomllib.loads(path.read_text(encoding="utf-8")))


def _titles(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "code" in value and "title" in value and not value.get("title_cy"):
            yield value["title"]
        for part in value.values():
            yield from _titles(part)
    elif isinstance(value, list):
        for part in value:
            yield from _titles(part)


def kept() -> Catalog:
    """The catalogue on disk; empty when there is none. Both sides of a merge may stand in it."""
    if not PO.exists():
        return new_catalogue()
    return read_po(io.BytesIO(PO.read_bytes()), locale="cy")


def updated() -> Catalog:
    """What is used now, with the Welsh that is known for exactly the same sentence."""
    before, after = kept(), found()
    for message in after:
        known = before.get(message.id, context=message.context) if message.id else None
        if known is not None and not known.fuzzy and translated(known):
            message.string = known.string
    return after


def po_bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalogue, no_location=True, sort_output=True, width=100, omit_header=True)
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = (
        f'{HEADER}msgid ""\nmsgstr ""\n"Language: cy\\n"\n"Plural-Forms: {plural}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return head.encode() + out.getvalue().strip() + b"\n"


def mo_bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def translated(message: Message) -> bool:
    """All plural forms count: half a translation would show English in the middle of a Welsh page."""
    text = message.string
    return bool(text) if text is None or isinstance(text, str) else all(text)


def missing(catalogue: Catalog) -> list[str]:
    sentences = [message for message in catalogue if message.id and not translated(message)]
    return [message.id if isinstance(message.id, str) else message.id[0] for message in sentences]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["update", "check", "missing"])
    asked = parser.parse_args(arguments)
    catalogue = updated()
    po, mo = po_bytes(catalogue), mo_bytes(catalogue)
    none = missing(catalogue)
    if asked.what == "missing":
        sys.stdout.write("".join(f"{sentence}\n" for sentence in sorted(none)))
        return 0
    same = PO.exists() and PO.read_bytes() == po and MO.exists() and MO.read_bytes() == mo
    if asked.what == "update" and not same:
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_bytes(po)
        MO.write_bytes(mo)
    total = sum(1 for message in catalogue if message.id)
    sys.stdout.write(f"{total} sentences, {len(none)} without Welsh, {'as it was' if same else 'changed'}\n")
    return 1 if asked.what == "check" and not same else 0


if __name__ == "__main__":
    sys.exit(main())
