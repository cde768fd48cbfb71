"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.kit.declaration import Addresses, Capability, Command, Entry, Queue, Retention

CAPABILITY = Capability(
    addresses=(Addresses("api/", "milepost.service.api.urls"),),
    navigation=(
        Entry(
            _("Webhooks"),
            "api:webhooks",
            P.MANAGE_WEBHOOKS,
            110,
            covers=("api:webhooks", "api:webhook", "api:webhook-new", "api:webhook-remove"),
        ),
    ),
    retention=(
        Retention(
            "webhook_deliveries", _("Messages to webhooks"), "milepost.service.api.retention:deliveries"
        ),
        Retention(
            "api_repeats", _("Requests to the API, to tell repeats"), "milepost.service.api.retention:repeats"
        ),
    ),
    commands=(
        Command("webhooks", "milepost.service.api.commands:webhooks", "Send webhooks as they become due."),
    ),
    api=tuple(
        f"milepost.service.api.endpoints.{name}:router"
        for name in (
            "service",
            "people",
            "orders",
            "devices",
            "absences",
            "duties",
            "signals",
            "findings",
            "incidents",
            "shift_work",
            "assessments",
            "risk",
        )
    ),
    queues=(Queue("webhooks", _("Messages waiting for a webhook"), "milepost.service.api.queues:webhooks"),),
    purposes="milepost.service.api.policy_data:purposes",
    audit={
        "api.absences": _("Read a person's absences through the API"),
        "api.activations": _("Read who wore which device through the API"),
        "api.assessment": _("Read an assessment through the API"),
        "api.call_backs": _("Read through the API who has to be called again"),
        "api.coverage": _("Read through the API for how long a person was seen"),
        "api.denied": _("The API refused a token"),
        "api.findings": _("Read findings through the API"),
        "api.incident": _("Read an alert through the API"),
        "api.incidents": _("Read a list of alerts through the API"),
        "api.obligations": _("Read a person's requirements through the API"),
        "api.order": _("Read an order through the API"),
        "api.order_version": _("Read a version of an order through the API"),
        "api.orders": _("Read a list of orders through the API"),
        "api.people": _("Read a list of people through the API"),
        "api.person": _("Read a person's record through the API"),
        "api.risk_score": _("Had scores worked out through the API"),
        "api.repeated": _("Read what the same request to the API had made before"),
        "api.risk_tier": _("Had a tier worked out through the API"),
        "api.totals": _("Read a person's running totals through the API"),
        "api.trail": _("Read a person's location history through the API"),
        "api_token.make": _("Created a token for the API"),
        "api_token.revoke": _("Revoked a token for the API"),
        "webhook.deliver": _("Sent an event to another system"),
        "webhook.make": _("Added a webhook"),
        "webhook.pause": _("Paused a webhook"),
        "webhook.remove": _("Removed a webhook"),
        "webhook.resume": _("Resumed a webhook"),
        "webhook.send_again": _("Sent a webhook again"),
    },
)
