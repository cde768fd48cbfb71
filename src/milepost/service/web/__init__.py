"""How a page looks: layout, components, forms, formats, languages; and headers, logs and health.

How a page is made:

1. A view returns ``render(request, "people/person.html", {...})``; the context holds plain values.
2. ``service/people/templates/people/person.html`` starts with ``{% extends "layout.html" %}`` and sets the title:
   ``{% block title %}{{ _("Case summary") }}{% endblock %}``; add ``{% block body_class %}app-dense{% endblock %}``
   where officers work.
3. Components come as macros: ``{% from "moj/badge.html" import mojBadge %}``,
   ``{% from "govuk_frontend_jinja/components/tag/macro.html" import govukTag %}``,
   ``{% from "macros/tables.html" import table %}``. docs/reference/design-kit.md lists them.
4. A form is `milepost.service.web.forms.Form`, passed as ``form``; then
   ``{{ form_page(form, _("Save"), csrf_input) }}`` from "macros/forms.html". The layout sums up its errors.
5. Every sentence is in ``_("...")`` or ``{% trans %}``; times and lengths go through filters: ``{{ at | weekday_time }}``.
   Then ``python tools/messages.py update``.
6. No inline script or style: the security policy refuses them. A page's own script goes in
   ``{% block scripts %}`` with ``nonce="{{ nonce }}"`` under ``static/``.
7. A misspelt variable is an error, not an empty space. An optional one: ``{% if note is defined %}``.
"""
