"""The Jinja environment of every page: what a template may use, and what it may not get wrong.

Named in settings as ``"OPTIONS": {"environment": "milepost.service.web.jinja.environment"}`` of Django's
own Jinja2 backend. Templates come from the folders the settings name, then from this kit; GOV.UK's macros
answer under ``govuk_frontend_jinja/``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from jinja2.runtime import Undefined

from milepost.service.web import formats
from milepost.service.web.forms import component, error_list

TEMPLATES = Path(__file__).parent / "templates"


class Missing(Undefined):
    """A name that no one gave is an error; an option left out of a macro's own dictionary is empty.

    GOV.UK's macros ask ``params.classes`` of whatever dictionary they were handed, so a missing key of a
    mapping must be falsy. A misspelt variable or attribute would print nothing and hide a fact from an
    officer, so it raises.
    """

    __slots__ = ()

    def _must_be_option(self) -> None:
        inline_if = self._undefined_name is None  # {{ "x" if y }} with no else: empty on purpose
        if not (inline_if or isinstance(self._undefined_obj, Mapping) or self._undefined_name == "caller"):
            self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        self._must_be_option()
        return False

    def __str__(self) -> str:
        self._must_be_option()
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._must_be_option()
        return iter(())

    def __len__(self) -> int:
        self._must_be_option()
        return 0

    def __eq__(self, other: object) -> bool:
        self._must_be_option()
        return type(other) is type(self)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        self._must_be_option()
        return id(type(self))


def url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a named view: ``url("people:person", person.id)``."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def url_if_any(name: str, *args: object, **kwargs: object) -> str:
    """As `url`, but "" where the service was put together without that view."""
    try:
        return url(name, *args, **kwargs)
    except NoReverseMatch:
        return ""


def flash_messages(request: HttpRequest | None) -> list[dict[str, str]]:
    """What the last action said, once: ``text`` and ``kind`` (information, success, warning, error)."""
    if request is None or not hasattr(request, "_messages"):
        return []
    kinds = {"success": "success", "warning": "warning", "error": "error"}
    return [
        {"text": str(message), "kind": kinds.get(message.level_tag, "information")}
        for message in get_messages(request)
    ]


def _loader(given: BaseLoader | None) -> ChoiceLoader:
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return ChoiceLoader([*([given] if given else []), FileSystemLoader(TEMPLATES), govuk])


def environment(**options: Any) -> Environment:
    """Django's Jinja2 backend calls this with its options; so may a test, with none.

    Always on: escaping, errors for misspelt names, translation with named placeholders.
    """
    options["loader"] = _loader(options.get("loader"))
    options["autoescape"] = True
    options["undefined"] = Missing
    options["trim_blocks"] = True
    options["lstrip_blocks"] = True
    options["extensions"] = [*options.get("extensions", []), "jinja2.ext.i18n", "jinja2.ext.do"]
    env = Environment(**options)
    env.policies["ext.i18n.trimmed"] = True
    # A day's trail is a third smaller without spaces, and quicker in the order it was made.
    env.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.globals.update(
        static=static,
        url=url,
        url_if_any=url_if_any,
        flash_messages=flash_messages,
        language=lambda: get_language() or "en-gb",
        component=component,
        error_list=error_list,
        # GOV.UK's macros name these as Nunjucks does; both mean "nothing given".
        undefined=Missing(name="undefined", obj={}),
        null=None,
        # GOV.UK's notification banner asks for these names without always setting them.
        successBanner=None,
        typeClass=None,
    )
    env.filters.update(formats.FILTERS)
    return env
