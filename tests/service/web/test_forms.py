from __future__ import annotations

import importlib
import pkgutil
from datetime import date, time

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

import milepost.service
from milepost.problems import Problem
from milepost.service.web.components import component
from milepost.service.web.forms import DateField, DatePickerField, Form, PlainErrors, TimeField, error_list
from milepost.service.web.jinja import environment

ENV = environment()


class Excuse(Form):
    born = DateField(label="Date of birth")
    at = TimeField(label="Start time", required=False)
    visit = DatePickerField(required=False)
    reason = forms.ChoiceField(choices=[("work", "Work"), ("other", "Other")], widget=forms.RadioSelect)
    other = forms.CharField(label="What was it?", widget=forms.Textarea, max_length=20, required=False)
    reveals = {"reason": {"other": ["other"]}}  # noqa: RUF012


GOOD = {"born-day": "3", "born-month": "4", "born-year": "1990", "reason": "work"}


def shown(form: forms.Form) -> str:
    return ENV.from_string("{% from 'macros/forms.html' import form_fields %}{{ form_fields(form) }}").render(
        form=form
    )


def errors(**changed: str) -> list[dict[str, str]]:
    return error_list(Excuse({**GOOD, **{name.replace("_", "-"): value for name, value in changed.items()}}))


def test_a_good_form() -> None:
    form = Excuse({**GOOD, "at": "7.30pm", "visit": "27 March 2027"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "born": date(1990, 4, 3),
        "at": time(19, 30),
        "visit": date(2027, 3, 27),
        "reason": "work",
        "other": None,
    }


@given(st.dates(min_value=date(1000, 1, 1)))
@settings(deadline=None, max_examples=50)
def test_every_date_comes_back_as_it_was(day: date) -> None:
    field = DateField()
    assert field.clean(field.widget.parts(day)) == day


@pytest.mark.parametrize(
    ("parts", "text", "target"),
    [
        ({"born_month": ""}, "The date must include a month", "#id_born-month"),
        ({"born_year": "90"}, "The year must have 4 numbers", "#id_born-year"),
        ({"born_day": "31"}, "The date must be a real date", "#id_born-day"),
        ({"born_month": "13"}, "The date must be a real date", "#id_born-month"),
        ({"born_day": "x"}, "The date must be a real date", "#id_born-day"),
        ({"born_day": "", "born_month": "", "born_year": ""}, "Enter date of birth", "#id_born-day"),
    ],
)
def test_a_wrong_date_says_what_and_links_to_the_input(parts, text, target) -> None:
    assert errors(**parts) == [{"text": text, "href": target}]


@pytest.mark.parametrize("month", ["April", "apr", "4", "04"])
def test_a_month_may_be_a_name(month) -> None:
    form = Excuse({**GOOD, "born-month": month})
    assert form.is_valid()
    assert form.cleaned_data["born"] == date(1990, 4, 3)


def test_a_month_may_be_a_welsh_name_on_a_welsh_page() -> None:
    with translation.override("cy"):
        assert DateField().clean({"day": "3", "month": "Ebrill", "year": "1990"}) == date(1990, 4, 3)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("19:00", time(19)),
        ("7pm", time(19)),
        ("7:05 AM", time(7, 5)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("midnight", time(0)),
        ("Midday", time(12)),
        ("1900", time(19)),
        ("7yh", time(19)),
    ],
)
def test_times_as_people_write_them(said, meant) -> None:
    assert TimeField().clean(said) == meant


@pytest.mark.parametrize("said", ["7", "25:00", "13pm", "0am", "19:60", "soon"])
def test_what_is_not_a_time_is_refused(said) -> None:
    with pytest.raises(ValidationError, match="real time"):
        TimeField().clean(said)


def test_a_revealed_question_must_be_answered_only_when_it_was_asked() -> None:
    assert errors(reason="other") == [{"text": "Answer the question: What was it?", "href": "#id_other"}]
    form = Excuse({**GOOD, "reason": "work", "other": "x" * 50})  # stale, and too long
    assert form.is_valid()
    assert form.cleaned_data["other"] is None


def test_a_revealed_question_is_inside_its_choice_and_nowhere_else() -> None:
    page = shown(Excuse())
    assert page.count('name="other"') == 1
    assert page.index('id="conditional-id_reason-2"') < page.index('name="other"')
    assert "What was it? (optional)" not in page


def test_what_people_typed_is_shown_as_text() -> None:
    page = shown(Excuse({**GOOD, "reason": "other", "other": "</textarea><script>\nsecond line"}))
    assert "<script>" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;&#10;second line" in page  # no blanks creep in at the line's start


def test_each_error_is_under_its_field_and_read_with_it() -> None:
    page = shown(Excuse({**GOOD, "at": "soon"}))
    assert 'id="id_at-error"' in page
    assert 'aria-describedby="id_at-error"' in page


def test_problems_of_the_library_go_to_their_field_or_to_the_top() -> None:
    form = Excuse(GOOD)
    assert form.is_valid()
    form.add_problems(
        [
            Problem("orders.csv", 4, "at", "the time is not a time", "Write 19:00", value="7 o'clock"),
            Problem("orders.csv", None, "postcode", "no such column", "Add it"),
            Problem("orders.csv", 5, "at", "rounded", "Nothing to do", severity="warning"),
        ]
    )
    assert error_list(form) == [
        {"text": "no such column. Add it"},
        {"text": "Row 4: the time is not a time [7 o'clock]. Write 19:00", "href": "#id_at"},
    ]


def test_a_refusal_of_an_action_is_never_swallowed() -> None:
    form = Excuse(GOOD)
    assert form.is_valid()
    form.add_refusal(ValidationError({"reason": "Not in this state", "state": "Already decided"}))
    assert {item["text"] for item in error_list(form)} == {"Not in this state", "Already decided"}


def test_a_list_without_tick_boxes_is_refused_with_the_remedy() -> None:
    class Several(Form):
        teams = forms.MultipleChoiceField(choices=[("n", "North")])

    with pytest.raises(TypeError, match="CheckboxSelectMultiple"):
        component(Several()["teams"])


def test_one_question_may_be_the_heading() -> None:
    page = ENV.from_string(
        "{% from 'macros/forms.html' import form_fields %}{{ form_fields(form, 'born') }}"
    ).render(form=Excuse())
    assert page.count("<h1") == 1
    assert page.index("<h1") < page.index("Date of birth")


class Added(Form):
    """A form that adds its fields after it was made."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["who"] = forms.ChoiceField(
            label="Who should take this over?", choices=[("1", "Nora")], widget=forms.RadioSelect
        )
        self.fields["note"] = forms.CharField(label="Your note", max_length=5)


def test_what_is_missing_is_named_in_the_words_of_the_page_also_in_fields_added_later() -> None:
    assert [one["text"] for one in error_list(Added({}))] == [
        "Answer the question: Who should take this over?",
        "Enter your note",
    ]


def test_a_choice_that_is_not_there_and_a_text_that_is_too_long_name_their_field() -> None:
    assert [one["text"] for one in error_list(Added({"who": "2", "note": "too long"}))] == [
        "Who should take this over: choose from the list",
        "Your note: use 5 characters or fewer",
    ]


def test_every_form_of_the_service_speaks_so() -> None:
    """No form shows Django's own words, for each is a `Form` or `ModelForm` of the kit."""

    def below(kind: type) -> set[type]:
        return {deeper for one in kind.__subclasses__() for deeper in (one, *below(one))}

    for found in pkgutil.walk_packages(milepost.service.__path__, "milepost.service."):
        if found.name.rpartition(".")[2] in ("forms", "asking") or ".forms." in found.name:
            importlib.import_module(found.name)
    ours = {one for one in below(forms.BaseForm) if one.__module__.startswith("milepost.")}
    assert len(ours) > 50
    mixins = {one for one in ours if one.__name__.endswith("Mixin")}
    assert {one.__qualname__ for one in ours - mixins if not issubclass(one, PlainErrors)} == set()
