"""Address files as areas send them: good rows go in, bad ones come back with row, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from milepost.gazetteer.address_store import FILE, AddressStore, Imported, import_addresses
from milepost.gazetteer.layouts import read_layout
from milepost.gazetteer.search import Gazetteer
from milepost.problems import UnreadableFile

GOOD = "1 Commercial Street,Lerwick,ZE1 0AA,{east},{north}\n"
GRID = "address,street,town,postcode,easting,northing\n"
LERWICK = "447500", "1141500"


def load(gazetteer: Gazetteer, text: str | bytes, columns: Path | None = None) -> Imported:
    path = gazetteer.folder / "area.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    layout = read_layout(columns) if columns else None
    return import_addresses(path, gazetteer.folder, gazetteer.postcodes.find, layout)


def lerwick(n: int, east: str = LERWICK[0], north: str = LERWICK[1], postcode: str = "ZE1 0AA") -> str:
    return f"{n} Commercial Street,Commercial Street,Lerwick,{postcode},{east},{north}\n"


def test_a_bad_row_is_named_and_the_others_go_in(gazetteer):
    rows = [lerwick(n) for n in range(1, 8)]
    rows[2] = lerwick(3, east="")
    rows[4] = lerwick(5, postcode="Lerwick")
    rows[5] = ",,Lerwick,ZE1 0AA,447500,1141500\n"
    done = load(gazetteer, GRID + "".join(rows))
    assert (done.rows, done.taken) == (7, 4)
    said = [(p.row, p.field) for p in done.problems.problems]
    assert said == [(4, "easting"), (6, "postcode"), (7, "address")]
    assert all(p.remedy for p in done.problems.problems)
    assert AddressStore(gazetteer.folder / FILE).n_addresses == 4


def test_exchanged_columns_are_told_and_nothing_is_taken_in(gazetteer):
    load(gazetteer, GRID + lerwick(1))
    with pytest.raises(UnreadableFile, match="exchanged") as told:
        load(gazetteer, GRID + "".join(lerwick(n, *reversed(LERWICK)) for n in range(9)))
    assert told.value.problem.row == 2
    assert "9 of 9 rows" in str(told.value)
    assert AddressStore(gazetteer.folder / FILE).n_addresses == 1, "the old file stays"
    assert [path.name for path in gazetteer.folder.glob(".addresses*")] == []


def test_exchanged_columns_that_both_lie_in_the_country_are_told_by_the_postcode(gazetteer):
    """Ipswich, its easting for its northing: both are numbers of the grid, and the place is in another county."""
    with pytest.raises(UnreadableFile, match=r"km from the middle of IP1 1AA"):
        load(gazetteer, GRID + "1 Quay,Quay,Ipswich,IP1 1AA,244500,616500\n")


def test_exchanged_degrees_are_told(gazetteer):
    with pytest.raises(UnreadableFile, match="latitude and longitude are exchanged"):
        load(gazetteer, "address,street,town,postcode,latitude,longitude\n1 Quay,,,,1.153,52.057\n")


@pytest.mark.parametrize(("text", "said"), [
    ("", "the file is empty"), (GRID, "headings and no row"), ("a,b,c\n1,2,3\n", "no address file that is known"),
    (b"\xff\xfe\x00", "cannot be read as CSV"),
    ("address,street,town,postcode,easting\n", "also needs northing"),
])  # fmt: skip
def test_a_file_of_nothing_says_so(gazetteer, text, said):
    with pytest.raises(UnreadableFile, match=said) as told:
        load(gazetteer, text)
    assert told.value.problem.remedy
    assert not (gazetteer.folder / FILE).exists()


def test_an_area_says_its_own_columns(gazetteer, tmp_path):
    columns = tmp_path / "columns.toml"
    columns.write_text('address = ["HAUS"]\nstreet = ["WAY"]\neasting = "E"\nnorthing = "N"\n')
    assert load(gazetteer, "WAY,HAUS,E,N\nQuay,4,616500,244500\n", columns).taken == 1
    assert gazetteer.find("quay 4").places[0].text == "4 Quay"
    columns.write_text('address = ["HAUS"]\neasting = "E"\n')
    with pytest.raises(UnreadableFile, match="easting and northing"):
        read_layout(columns)
    columns.write_text('address = ["HAUS"]\neasting = "E"\nnorthing = "NORTH"\n')
    with pytest.raises(UnreadableFile, match="there is no such column") as told:
        load(gazetteer, "WAY,HAUS,E,N\nQuay,4,616500,244500\n", columns)
    assert told.value.problem.field == "NORTH"


def test_the_columns_of_addressbase_are_known(gazetteer):
    head = ("UPRN,ORGANISATION_NAME,SUB_BUILDING_NAME,BUILDING_NAME,BUILDING_NUMBER,DEPENDENT_THOROUGHFARE,THOROUGHFARE,"
            "POST_TOWN,POSTCODE,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE\n")  # fmt: skip
    row = "1,,FLAT 2,,7,,QUAY STREET,IPSWICH,IP1 1AA,616500,244500,52.0570000,1.1530000\n"
    assert load(gazetteer, head + row).taken == 1
    found = gazetteer.find("flat 2 7 quay").places[0]
    assert found.text == "FLAT 2, 7 QUAY STREET, IPSWICH, IP1 1AA"
    assert (found.lat, found.lon) == (52.057, 1.153), "degrees count before the grid"


@pytest.mark.parametrize(("text", "said"), [
    (GRID.replace(",", ";"), "parted by ';'"),
    (GRID.replace("northing", "easting,northing"), "two columns are called so"),
    (GRID + lerwick(1) + '"' + "x" * 200_000, "quotation mark"),
])  # fmt: skip
def test_a_file_of_another_making_says_what_to_correct(gazetteer, text, said):
    with pytest.raises(UnreadableFile, match=said) as told:
        load(gazetteer, text)
    assert told.value.problem.row is not None


def test_a_quotation_mark_left_out_is_told_rather_than_rows_lost_in_silence(gazetteer):
    done = load(gazetteer, GRID + lerwick(1) + '"2 Commercial Street,\n' + lerwick(3) + '4",\n' + lerwick(5))
    assert done.taken == 2
    assert "quotation mark" in str(done.problems.problems[0])


def test_signs_that_cannot_be_seen_are_left_out(gazetteer):
    """A database refuses the first; the second turns round what is read."""
    load(gazetteer, GRID + "1 Quay\0,\u202eQuay,Lerwick,,447500,1141500\n")
    assert [place.text for place in gazetteer.find("1 quay").places] == ["1 Quay, Lerwick"]


@pytest.mark.parametrize("number", ["²", "9" * 30, "-1", ""])
def test_a_key_that_was_made_up_names_nothing(gazetteer, number):
    load(gazetteer, GRID + lerwick(1))
    stamp = gazetteer.find("commercial").places[0].key.rpartition("-")[0]
    assert gazetteer.get(f"{stamp}-1") is not None
    assert gazetteer.get(f"{stamp}-{number}") is None
