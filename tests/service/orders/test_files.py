"""Documents attached, and files imported."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.downloads import clean_name
from milepost.service.kit.refusals import Refused
from milepost.service.orders.actions import documents, drafts
from milepost.service.orders.document_kinds import kind_of
from milepost.service.orders.models import Activation, Device, Document, Order, OrderVersion, ToJudge, Upload
from tests.service.world import DOCUMENT

PDF = b"%PDF-1.7 synthetic"


def raw(**changes) -> dict:
    return {
        "milepost": 1, "people": [{"id": "N1", "name": "New Person", "synthetic": True}],
        "orders": [{"id": "NO1", "person_id": "N1", "regime": "community_order",
                    "versions": [{"version": 1, "effective_from_utc": "2026-03-01T12:00:00Z", **DOCUMENT}]}],
        **changes,
    }  # fmt: skip


def of_ada() -> dict:
    return raw(people=[], orders=[{**raw()["orders"][0], "person_id": "P000001"}])


def upload(client, content: bytes | dict, view: str = "orders:import", name: str = "orders.json"):
    body = json.dumps(content).encode() if isinstance(content, dict) else content
    return client.post(reverse(view), {"file": SimpleUploadedFile(name, body)}, follow=True)


def test_a_document_comes_back_as_an_attachment_and_the_log_says_who_took_it(world, signed_in):
    client = signed_in(world.nora)
    sent = client.post(
        reverse("orders:document-add", args=["O000001"]), {"file": SimpleUploadedFile("Court order.pdf", PDF)}
    )
    assert sent.status_code == 302
    answer = client.get(reverse("orders:document", args=["O000001", Document.objects.get().pk]))
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    entry = Entry.objects.get(what="order.document")
    assert (entry.operation, entry.subject) == ("consultation", "P000001")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("order.pdf", b"<html><script>alert(1)</script>", "not one of"),
        ("order.html", PDF, "not one of"),
        ("order.pdf.exe", PDF, "not one of"),
        ("order.pdf", b"%PDF-" + b"x" * 10_485_760, "larger than 10 MB"),
    ],
)
def test_a_file_of_another_kind_or_size_is_refused(world, signed_in, name, content, said):
    answer = signed_in(world.nora).post(
        reverse("orders:document-add", args=["O000001"]), {"file": SimpleUploadedFile(name, content)}
    )
    assert said in answer.content.decode()
    assert not Document.objects.exists()


def test_names_of_files_cannot_name_folders_or_markup():
    assert clean_name("..\\..\\etc/pass\x00wd.pdf") == "passwd.pdf"
    assert clean_name("<img src=x>.png") == "img src=x.png"
    assert kind_of("x.JPG", b"\xff\xd8\xff\xe0") == "image/jpeg"


def test_a_document_leaves_a_draft_but_never_a_decided_version(world):
    early = documents.add_document(by=world.nora, order=world.order, name="a.pdf", content=PDF)
    with pytest.raises(Refused, match="stays"):
        documents.remove_document(by=world.nora, document=early)
    draft = drafts.vary_order(by=world.nora, order=world.order, why="x", effective_from_utc=None)
    late = documents.add_document(by=world.nora, order=world.order, name="b.pdf", content=PDF)
    assert late.version == draft
    documents.remove_document(by=world.nora, document=late)
    assert list(Document.objects.all()) == [early]


def test_looking_at_a_file_makes_nothing_and_taking_it_in_makes_drafts(world, signed_in):
    client = signed_in(world.nora)
    looked = upload(client, of_ada())
    assert "NO1" in looked.content.decode()
    assert not Order.objects.filter(file_reference="NO1").exists()
    address = reverse("orders:import-look", args=[Upload.objects.get().pk])
    assert client.post(address).status_code == 200
    made = OrderVersion.objects.get(order__file_reference="NO1")
    assert (made.state, made.hands, made.order.person) == ("draft", [world.nora.pk], world.ada)
    assert bytes(Upload.objects.get().content) == b""
    assert client.post(address).status_code == 404
    assert "nothing new" in upload(client, of_ada()).content.decode()
    found = client.get(reverse("orders:list"), {"q": "NO1"}).content.decode()
    assert made.order.reference in found, "an order is found by its id in the file"


def test_nobody_approves_by_importing(world, signed_in):
    senior = signed_in(world.users[Role.SENIOR_PRACTITIONER])
    assert 'name="approve"' not in upload(senior, of_ada()).content.decode()
    senior.post(reverse("orders:import-look", args=[Upload.objects.latest("pk").pk]), {"approve": "yes"})
    assert OrderVersion.objects.get(order__file_reference="NO1").state == "draft"
    assert not Entry.objects.filter(what="order.approve", subject="P000001").exists()


def test_good_parts_go_in_and_bad_ones_are_named_with_row_field_and_remedy(world, signed_in):
    bad = raw()["orders"][0] | {"id": "NO2", "regime": "holiday"}
    page = upload(signed_in(world.nora), raw(orders=[*of_ada()["orders"], bad])).content.decode()
    assert "orders[1]" in page
    assert "regime" in page
    assert "NO1" in page


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b'{"a": 1}', b"[" * 100_000])
def test_a_file_that_is_nothing_gets_a_plain_answer(world, signed_in, content):
    page = upload(signed_in(world.nora), content).content.decode()
    assert "Nothing in the file can be understood" in page


def test_another_persons_upload_is_not_there(world, signed_in):
    upload(signed_in(world.nora), raw())
    address = reverse("orders:import-look", args=[Upload.objects.get().pk])
    assert signed_in(world.users[Role.SENIOR_PRACTITIONER]).get(address).status_code == 404


def test_zones_come_as_orders_of_their_people(world, signed_in):
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1.7, 53.7]},
               "properties": {"name": "Shop", "person_id": "P000001", "kind": "exclusion_zone", "from": "2026-01-01",
                              "regime": "licence", "radius_m": 100}}  # fmt: skip
    client = signed_in(world.nora)
    upload(client, {"type": "FeatureCollection", "features": [feature]}, name="zones.geojson")
    client.post(reverse("orders:import-look", args=[Upload.objects.get().pk]))
    version = OrderVersion.objects.get(order__file_reference="zones-of-P000001")
    assert version.document["conditions"][0]["circle"]["radius_m"] == 100


def test_a_table_of_devices_fits_them_once_and_names_bad_lines(world, signed_in):
    table = (
        b"device_id,person_id,from_utc\nhu-5,P000001,2026-03-01T00:00:00Z\nx,P000002,2026-03-01T00:00:00Z\n"
    )
    client = signed_in(world.users[Role.MONITORING_OFFICER])
    page = upload(client, table, "orders:import-devices", "devices.csv").content.decode()
    assert "P000002" in page  # South's, without a tag: nobody the officer can see
    client.post(reverse("orders:import-devices-look", args=[Upload.objects.get().pk]), {"approve": "no"})
    assert Activation.objects.get(device__device_id="hu-5").person == world.ada
    again = upload(client, table, "orders:import-devices", "devices.csv").content.decode()
    assert "nothing new" in again


def test_a_table_of_devices_says_models_that_were_not_known_and_overwrites_none(world, signed_in):
    Activation.objects.filter(reference="A000001").update(from_utc=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    client = signed_in(world.users[Role.MONITORING_OFFICER])

    def taken_in(model: str) -> str:
        rows = f"tag-1,P000001,2026-01-01T00:00:00Z,tag,{model}\nhu-5,P000001,2026-03-01T00:00:00Z,home_unit,U1\n"
        table = ("device_id,person_id,from_utc,device_kind,device_model\n" + rows).encode()
        page = upload(client, table, "orders:import-devices", "devices.csv").content.decode()
        look = reverse("orders:import-devices-look", args=[Upload.objects.latest("pk").pk])
        client.post(look, {"approve": "no"})
        return page

    taken_in("Band 3")
    models = dict(Device.objects.values_list("device_id", "model"))
    assert (models["tag-1"], models["hu-5"]) == ("Band 3", "U1")
    assert ToJudge.objects.get(person=world.ada).from_us == 1767225600_000000
    assert "on the register as Band 3, which stays" in taken_in("Band 4")
    assert Device.objects.get(device_id="tag-1").model == "Band 3"


def test_devices_in_a_practitioners_file_are_left_to_the_officers(world, signed_in):
    activation = {"id": "NA1", "device_id": "tag-n", "person_id": "N1", "from_utc": "2026-03-01T12:00:00Z"}
    page = upload(signed_in(world.nora), raw(activations=[activation])).content.decode()
    assert "your role does not fit devices" in page


def test_a_file_with_markup_in_it_is_shown_as_text(world, signed_in):
    evil = raw()
    evil["people"][0]["id"] = evil["orders"][0]["person_id"] = "<img src=x onerror=alert(1)>"
    evil["orders"][0]["regime"] = "<script>alert(1)</script>"
    page = upload(signed_in(world.nora), evil, name="<script>.json").content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page
