"""Every sentence of the service can be translated, and the Welsh catalogue is as the source now is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from babel.messages.checkers import python_format
from babel.messages.pofile import read_po
from django.utils import translation
from jinja2 import Environment

import milepost.service

ROOT = Path(__file__).parents[3]
SERVICE = Path(milepost.service.__file__).parent
_spec = importlib.util.spec_from_file_location("messages", ROOT / "tools" / "messages.py")
assert _spec
assert _spec.loader
messages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(messages)

TEMPLATES = sorted(SERVICE.glob("*/templates/**/*.html"))
NOT_SENTENCES = {"Milepost", "English", "Cymraeg", "km"}
EXEMPT = {"gallery.html"}  # examples for people who make pages; only in a demonstration
SHOWN_ATTRIBUTES = "aria-label|title|alt|placeholder"
SHOWN_OPTIONS = (
    "text|html|titleText|labelText|landmarkLabel|menuButtonText|visuallyHiddenText|caption|empty|label"
)


def test_the_catalogue_is_not_stale() -> None:
    """Mend with: python tools/messages.py update."""
    catalogue = messages.updated()
    assert messages.PO.read_bytes() == messages.po_bytes(catalogue), "run: python tools/messages.py update"
    assert messages.MO.read_bytes() == messages.mo_bytes(catalogue), "run: python tools/messages.py update"


def test_how_much_welsh_is_missing_is_said_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    messages.main(["check"])
    assert re.fullmatch(r"\d+ sentences, \d+ without Welsh, as it was\n", capsys.readouterr().out)


def test_the_finder_sees_inside_the_arguments_of_macros_and_in_python() -> None:
    found = {one.id if isinstance(one.id, str) else one.id[0] for one in messages.found()}
    assert {
        "Skip to main content",
        "There is a problem",
        "%(n)d day",
        "The year must have 4 numbers",
    } <= found


def test_no_translation_loses_or_invents_a_placeholder() -> None:
    with messages.PO.open("rb") as file:
        for message in read_po(file, locale="cy"):
            if message.id and messages.translated(message):
                python_format(None, message)


def test_no_translation_loses_or_invents_a_place_of_the_library() -> None:
    """The library writes ``{name}``: a place that is misspelt would stop the page."""
    with messages.PO.open("rb") as file:
        for message in read_po(file, locale="cy"):
            if not message.id or not messages.translated(message):
                continue
            ids = [message.id] if isinstance(message.id, str) else message.id
            texts = [message.string] if isinstance(message.string, str) else message.string
            places = set(re.findall(r"(?<!%)\{\w+\}", " ".join(ids)))
            for text in texts:
                assert set(re.findall(r"(?<!%)\{\w+\}", text)) == places, text


def test_the_sentences_of_the_library_are_found_in_its_calls_and_in_its_data() -> None:
    """That no sentence of it is missed is held by tests/risk/test_risk_language.py."""
    found = {one.id if isinstance(one.id, str) else one.id[0] for one in messages.found()}
    assert {"The name for this level is {band}.", "{n} answer is missing: {list}.", "using crack"} <= found


def test_two_sides_of_a_merge_settle_into_one(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git keeps both sides; the sentence that stands twice is kept once, with its Welsh."""
    po = tmp_path / "django.po"
    po.write_bytes(
        messages.PO.read_bytes()
        + b'\nmsgid "Back"\nmsgstr "Yn \xc3\xb4l"\n\nmsgid "Gone"\nmsgstr "Wedi mynd"\n'
    )
    monkeypatch.setattr(messages, "PO", po)
    before = messages.po_bytes(messages.updated())
    assert before.count(b'msgid "Back"') == 1
    assert b'msgid "Gone"' not in before


def test_the_pages_use_it() -> None:
    with translation.override("cy"):
        assert translation.gettext("Sign out") == "Allgofnodi"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(SERVICE).as_posix())
def test_no_template_says_anything_that_cannot_be_translated(path: Path) -> None:
    if path.name in EXEMPT:
        return
    assert sentences_left(path.read_text()) == []


def _split(source: str) -> tuple[str, str]:
    """What stands between Jinja's signs, and what stands within them. Jinja's own lexer tells them apart."""
    page, code = [], []
    for _, kind, value in Environment().lex(source):
        if kind == "data":
            page.append(value)
        elif kind.startswith("comment"):
            continue
        else:
            page.append(" " if kind.endswith("end") else "")
            code.append(value)
    return "".join(page), "".join(code)


def sentences_left(source: str) -> list[str]:
    """Text between tags, in attributes that are read out, and in options that are shown, outside `_()`."""
    source = re.sub(r"\{%-?\s*trans.*?endtrans\s*-?%\}", "", source, flags=re.S)
    source = re.sub(
        r"\{% block body_class %\}.*?\{% endblock %\}", "", source, flags=re.S
    )  # a class, not words
    page, code = _split(source)
    outside = re.sub(r"\b(?:_|n?p?gettext)\((?:[^()]|\([^()]*\))*\)", "", code)
    left = re.findall(rf"['\"](?:{SHOWN_OPTIONS})['\"]\s*:\s*['\"]([^'\"<]+)['\"]", outside)
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S)
    left += re.findall(rf"\b(?:{SHOWN_ATTRIBUTES})=\"([^\"]+)\"", page)
    left += re.split(r"<[^>]*>", page)
    words = (re.sub(r"&[a-z]+;|&#\d+;", " ", text).strip() for text in left)
    return [
        text for text in words if re.search(r"[A-Za-z]{2}", text) and text.strip(" –") not in NOT_SENTENCES
    ]


def test_the_test_above_can_fail() -> None:
    assert sentences_left("<p>Hello there</p>") == ["Hello there"]
    assert sentences_left('<a aria-label="Close it">{{ x }}</a>') == ["Close it"]
    assert sentences_left("{{ govukButton({'text': 'Save'}) }}") == ["Save"]
    assert (
        sentences_left("<p>{{ _('Hello') }} {% trans %}by{% endtrans %}</p>{{ b({'text': _('Save')}) }}")
        == []
    )
