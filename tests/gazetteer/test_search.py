"""What somebody types, and what they find."""

from __future__ import annotations

import pytest

from milepost.gazetteer.address_store import import_addresses
from milepost.gazetteer.national_postcodes import NationalPostcodes
from milepost.gazetteer.postcode import first_word
from milepost.gazetteer.search import Gazetteer, PlaceKind, WhyNone

TOWN = """address,street,town,postcode,latitude,longitude
1 Example Street,Example Street,Exampletown,,53.7001,1.7001
2 Example Street,Example Street,Exampletown,,53.7002,1.7002
12 St John’s Way,St John’s Way,Exampletown,,53.7100,1.7100
"Flat 3, 4 Quay",Quay,Ipswich,ip1 1aa,52.057,1.153
"""


def with_addresses(gazetteer: Gazetteer, text: str = TOWN) -> Gazetteer:
    path = gazetteer.folder / "town.csv"
    path.write_text(text, encoding="utf-8")
    done = import_addresses(path, gazetteer.folder, gazetteer.postcodes.find)
    assert not done.problems.problems
    return gazetteer


@pytest.mark.parametrize("typed", ["ZE1 0AA", "ze10aa", " Ze1  0aA ", "ZE1-0AA"])
def test_a_postcode_is_found_however_it_is_typed(gazetteer, typed):
    (found,) = gazetteer.find(typed).places
    assert (found.text, found.kind) == ("ZE1 0AA", PlaceKind.POSTCODE)
    assert found.lat == pytest.approx(60.15, abs=0.05), "Lerwick"
    assert found.lon == pytest.approx(-1.15, abs=0.05)
    assert gazetteer.get(found.key) == found


def test_the_beginning_of_a_postcode_lists_those_that_begin_so(gazetteer):
    texts = [found.text for found in gazetteer.find("ze1 0", most=5).places]
    assert len(texts) == 5
    assert all(text.startswith("ZE1 0") for text in texts)


def test_a_space_says_where_the_first_word_of_a_postcode_ends(gazetteer):
    """ "LS1 4" is not LS14: that is another part of Leeds. Of Shetland: ZE1 0 and ZE10 would be the same letters."""
    codes = [found.postcode for found in gazetteer.find("ze1 0", most=50).places]
    assert {code.split()[0] for code in codes} == {"ZE1"}
    assert first_word(" ls1 4") == first_word("LS1 4A") == "LS1"
    assert first_word("ls14") is first_word("ls1") is first_word("12 high street") is None


@pytest.mark.parametrize(("typed", "why"), [
    ("ZE9 9ZZ", WhyNone.NOT_A_POSTCODE), ("JE2 3QA", WhyNone.NO_PLACE), ("IM1 1AA", WhyNone.NO_PLACE),
    ("Example Street", WhyNone.ONLY_POSTCODES), ("", WhyNone.ONLY_POSTCODES), ("ZE1 0ÄÄ", WhyNone.ONLY_POSTCODES),
])  # fmt: skip
def test_what_is_not_found_says_why(gazetteer, typed, why):
    answer = gazetteer.find(typed)
    assert (list(answer.places), answer.why_none) == ([], why)


def test_northern_ireland_lies_in_ireland(tmp_path):
    """Its grid references are of another grid: read as Britain's they lie in the sea off Wales."""
    from milepost.gazetteer.national_postcodes import packed_files

    postcodes = NationalPostcodes.open(
        tmp_path, [p for p in packed_files() if p.name.startswith("postcodes_B.")]
    )
    found = postcodes.find("BT11AA")
    assert (found.lat, found.lon) == pytest.approx((54.602, -5.922), abs=0.001), "Belfast"


def test_streets_come_before_houses_and_a_house_by_its_words_in_any_order(gazetteer):
    with_addresses(gazetteer)
    kinds = [(found.kind, found.text) for found in gazetteer.find("example st").places]
    assert kinds[0] == (PlaceKind.STREET, "Example Street, Exampletown")
    assert gazetteer.find("exampletown").places[0].kind is PlaceKind.TOWN
    assert [text for _, text in kinds[1:3]] == [
        "1 Example Street, Exampletown",
        "2 Example Street, Exampletown",
    ]
    (house,) = gazetteer.find("exampletown 12 st johns").places[-1:]
    assert house.text == "12 St John’s Way, Exampletown"


def test_a_postcode_lists_its_addresses_before_its_middle(gazetteer):
    with_addresses(gazetteer)
    assert [found.kind for found in gazetteer.find("ip11aa").places] == [
        PlaceKind.ADDRESS,
        PlaceKind.POSTCODE,
    ]
    assert gazetteer.find("4 quay ip11aa").places[0].text == "Flat 3, 4 Quay, Ipswich, IP1 1AA"
    assert gazetteer.find("9 Elsewhere Road, IP1 1AA").places[-1].kind is PlaceKind.POSTCODE, "at least that"


def test_another_import_is_seen_and_old_keys_name_nothing(gazetteer):
    with_addresses(gazetteer)
    old = gazetteer.find("2 example").places[0]
    assert gazetteer.get(old.key) == old
    with_addresses(gazetteer, TOWN.replace("2 Example", "3 Example"))
    assert gazetteer.get(old.key) is None
    assert gazetteer.find("3 example").places
    assert gazetteer.get("row:1 OR 1=1") is None
    assert gazetteer.get("postcode:ZE1 0AA'") is None


def test_every_postcode_of_the_directory_is_one_by_its_form(gazetteer):
    from milepost.gazetteer.postcode import inside, spaced, whole

    codes = [gazetteer.postcodes.at(n).code for n in range(0, len(gazetteer.postcodes), 7)] + [
        "NPT7PA",
        "GIR0AA",
        "W1A1AA",
    ]
    for code in codes:
        assert whole(spaced(code).lower()) == code
        assert inside(f"1 Quay, {spaced(code)}") == code


@pytest.mark.parametrize("typed", ['"', "* OR words", "a" * 500, "NEAR(", "'; DROP TABLE place; --", "\x00"])
def test_signs_that_mean_something_to_the_index_mean_nothing_here(gazetteer, typed):
    assert list(with_addresses(gazetteer).find(typed).places) == []
