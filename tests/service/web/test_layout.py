from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from jinja2 import UndefinedError

from milepost.service.web import errors
from milepost.service.web.jinja import environment

ENV = environment()


def page(body: str = "", **context: object) -> str:
    return ENV.from_string('{% extends "layout.html" %}{% block content %}' + body + "{% endblock %}").render(
        **context
    )


def test_a_misspelt_name_is_an_error_and_a_missing_option_is_not() -> None:
    with pytest.raises(UndefinedError):
        page("{{ persn }}")
    with pytest.raises(UndefinedError):
        page("{% if person.nmae %}{% endif %}", person=object())
    assert ENV.from_string("[{{ {}.classes }}]").render() == "[]"


@pytest.mark.parametrize("sort", [True, False])
def test_a_table_names_its_cells_whatever_they_hold(sort) -> None:
    made = (
        environment()
        .from_string("{% from 'macros/tables.html' import table %}{{ table(told) }}")
        .render(
            told={
                "caption": "C",
                "head": [{"text": "Who"}, {"text": 'Newest "version"', **({"sort": "none"} if sort else {})}],
                "rows": [[{"text": "A", "header": True}, {"text": "<b>", "sort_value": '1 "2'}]],
            }
        )
    )
    html = str(made)
    assert 'data-sort-value="1 &#34;2"' in html
    assert ('data-heading="Newest &#34;version&#34;"' in html) is not sort, "columns that sort stay columns"
    assert "&lt;b&gt;" in html


def test_markup_in_data_is_text() -> None:
    assert "<script>alert" not in page("{{ name }}", name="<script>alert(1)</script>")


def test_the_synthetic_banner_is_there_only_when_data_is_synthetic() -> None:
    assert "none of these people is real" in page(synthetic=True)
    assert "none of these people is real" not in page(synthetic=False)


def test_nothing_inline_and_each_script_has_the_nonce() -> None:
    shown = page(csp_nonce="abc123")
    assert " style=" not in shown
    assert "<style" not in shown
    assert shown.count("<script ") == shown.count('nonce="abc123"') == 2
    assert "<script>" not in shown


def test_a_welsh_page_says_so_and_offers_english() -> None:
    with translation.override("cy"):
        shown = page()
    assert '<html lang="cy"' in shown
    assert 'lang="en">English</button>' in shown
    assert "Neidio i'r prif gynnwys" in shown


def test_no_crown_anywhere() -> None:
    shown = page(navigation=[{"text": "Alerts", "href": "/", "current": True}]).casefold()
    assert "crown" not in shown
    assert "gov.uk" not in shown


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.no_such_page, 404),
        (errors.server_error, 500),
    ],
)
def test_an_error_page_says_what_to_do_and_nothing_of_the_inside(view, status) -> None:
    response = view(RequestFactory().get("/nowhere"))
    assert response.status_code == status
    text = response.content.decode()
    assert "Traceback" not in text
    assert text.count("<h1") == 1
    assert "Go to the start page" in text


def test_too_many_attempts_has_a_page() -> None:
    assert "Wait a few minutes" in ENV.get_template("errors/429.html").render()


def test_a_confirmation_asks_by_post() -> None:
    shown = ENV.get_template("confirm.html").render(
        title="Remove the tag?",
        text="This ends monitoring.",
        confirm_text="Remove",
        cancel_href="/back",
        danger=True,
    )
    assert '<form method="post"' in shown
    assert "govuk-button--warning" in shown
    assert 'href="/back"' in shown


@pytest.mark.django_db
def test_the_policy_sent_allows_what_the_page_loads() -> None:
    response = Client().get("/gallery")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert response.content.decode().count(f'nonce="{nonce}"') == 2


@pytest.mark.django_db
def test_a_message_is_shown_once(client: Client) -> None:
    good = {
        "name": "A",
        "born-day": "1",
        "born-month": "1",
        "born-year": "1990",
        "starts": "7pm",
        "reason": "work",
    }
    sent = client.post(
        "/gallery", good | {"told": ["person"], "team": "north", "minutes": "5", "agreed": "true"}
    )
    assert sent.content.decode().count("moj-alert--success") == 1
    assert "moj-alert--success" not in client.get("/gallery").content.decode()
