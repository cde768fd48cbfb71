"""Pages, the report, data files, the description of the API and the docs use none of tools/house_words.toml."""

from __future__ import annotations

import importlib.util
import sys

from docs_blocks import ROOT

_spec = importlib.util.spec_from_file_location("house_words", ROOT / "tools" / "house_words.py")
assert _spec
assert _spec.loader
house_words = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = house_words  # a dataclass looks its module up
_spec.loader.exec_module(house_words)


def test_nothing_that_people_read_says_a_word_of_the_house():
    assert list(house_words.uses(house_words.everything())) == [], "see tools/house_words.toml"


def test_a_word_is_found_where_it_is_held():
    said = [
        ("page", "pages", "Nobody's yet (12)"),
        ("page", "pages", "What befell the device"),
        ("page", "pages", "Take a whole number"),
        ("docs", "docs", "Be told by webhook"),
        ("docs", "docs", "The whole file is read"),
    ]
    assert [line.split(":")[0] for line in house_words.uses(iter(said))] == ["page", "page", "docs"]


def test_every_part_that_people_read_is_looked_at():
    looked = {where for where, _, _ in house_words.everything()}
    assert {"sentence", "page.html.j2", "openapi.json", "README.md", "docs/how-to/webhooks.md"} <= looked
    assert "src/milepost/supervision/rank_rule.toml" in looked


def test_each_word_says_what_to_say_instead_and_why():
    assert all(word.say and word.because.endswith(".") for word in house_words.words())
