"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.kit.declaration import Addresses, Capability, Command, DemoStep

CAPABILITY = Capability(
    addresses=(Addresses("demo/", "milepost.service.demo.urls"),),
    demo=(
        DemoStep(
            "Training a predictor on synthetic people", "milepost.service.demo.steps:predictor", 10, 0.95
        ),
        DemoStep("Assessing its people", "milepost.service.demo.steps:assessments", 20, 0.99),
        DemoStep("Handing over its shift", "milepost.service.demo.steps:shift", 25, 0.99),
        DemoStep("Making its morning", "milepost.service.demo.steps:morning", 30, 0.99),
    ),
    commands=(
        Command(
            "demo",
            "milepost.service.demo.commands:demo",
            "A town of made-up people with an evening happening now.",
        ),
        Command("demo-feed", "milepost.service.demo.commands:feed"),
    ),
    audit={
        "demo.assessments": _("Made the assessments of the demonstration"),
        "demo.people": _("Made the people of the demonstration"),
        "demo.predictor": _("Trained the predictor of the demonstration, on synthetic people"),
        "demo.tour": _("Looked at the tour of the demonstration"),
    },
)
