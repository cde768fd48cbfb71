"""What this app adds to the service."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Permission as P
from milepost.service.kit.declaration import Addresses, Capability, Command, Entry, Records, Today

TODAY = "milepost.service.assessments.today"

CAPABILITY = Capability(
    addresses=(Addresses("assessments/", "milepost.service.assessments.urls"),),
    navigation=(
        Entry(_("Assessments"), "assessments:list", P.VIEW_ASSESSMENTS, 40, covers=("assessments",)),
    ),
    records=(
        Records("tiers", "assessments.TierRecord", "person", 120),
        Records("contests", "assessments.Contest", "person", 130),
        Records("overrides", "assessments.Override", "person", 140),
        Records("assessments", "assessments.Assessment", "person", 150, loosen=("supersedes",)),
        Records("recorded_facts", "assessments.RecordedFact", "person", 160),
    ),
    commands=(
        Command(
            "assessments",
            "milepost.service.assessments.commands:group",
            "What other records say of people, for their assessments.",
        ),
    ),
    gone_with_person=("assessments.Answer", "assessments.Judgement", "assessments.Score"),
    kept_with_person=True,
    today=Today(
        sources=tuple(f"{TODAY}:{name}" for name in ("due_or_contested",)),
        signatures=tuple(f"{TODAY}:{name}" for name in ("to_countersign",)),
        sentences=f"{TODAY}:SENTENCES",
        next_steps=f"{TODAY}:NEXT_STEPS",
        done=f"{TODAY}:done",
    ),
    audit={
        "assessment.answers": _("Answered questions of an assessment"),
        "assessment.bring_forward": _("Brought the next assessment forward"),
        "assessment.compare": _("Compared two versions of an assessment"),
        "assessment.contest": _("Recorded that an assessment is challenged"),
        "assessment.contest_answer": _("Answered a challenge"),
        "assessment.contest_look": _("Started to look at a challenge"),
        "assessment.contest_page": _("Looked at a challenge"),
        "assessment.contests": _("Looked at the assessments that are challenged"),
        "assessment.countersign": _("Countersigned an assessment"),
        "assessment.discard": _("Discarded a draft of an assessment"),
        "assessment.draft": _("Looked at a draft of an assessment"),
        "assessment.form": _("Opened a form about a person's assessment"),
        "assessment.given": _("Gave a person their own assessment"),
        "assessment.judge": _("Recorded a professional judgement"),
        "assessment.judgement": _("Looked at a professional judgement"),
        "assessment.list": _("Looked at a person's assessments"),
        "assessment.lists": _("Looked at a list of assessments"),
        "assessment.override": _("Overrode a score or the tier"),
        "assessment.override_agree": _("Agreed to somebody else's override"),
        "assessment.override_page": _("Looked at an override"),
        "assessment.override_refuse": _("Did not agree to somebody else's override"),
        "assessment.override_withdraw": _("Withdrew an override"),
        "assessment.print": _("Opened an assessment to print it"),
        "assessment.print_person": _("Opened an assessment in plain English to print it"),
        "assessment.scores": _("Looked at the scores of a draft"),
        "assessment.scores_refused": _("Asked for scores before judging, and was refused"),
        "assessment.section": _("Looked at a section of a draft of an assessment"),
        "assessment.section_confirmed": _("Confirmed all of a section of an assessment, nothing changed"),
        "assessment.send_back": _("Sent an assessment back to its author"),
        "assessment.sign": _("Signed an assessment"),
        "assessment.start": _("Started an assessment"),
        "assessment.take_back": _("Took a signed assessment back"),
        "assessment.version": _("Looked at a version of an assessment"),
        "facts.import": _("Imported what another record says about a person"),
        "person.sex": _("Recorded a person's sex"),
    },
)
