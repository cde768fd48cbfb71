"""The answers that the instruments read: one name, one kind and one plain label for each.

Nothing about race, religion, disability or sexuality is a field here. Sex and date of birth are, because the
published instruments define them so; ``docs/reference/risk-instruments.md`` says where.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal

Kind = Literal["text", "date", "sex", "count", "yes_no", "level", "partner", "setting", "band", "code"]

SEXES = {"male": 0, "female": 1}
PARTNERS = {"living_together": 1, "not_living_together": 2, "none": 3}
SETTINGS = {"community": 0, "custody": 1, "remand": 2}
BANDS = {"low": 0, "medium": 1, "high": 2, "very_high": 3}
CHOICES: dict[str, dict[str, int]] = {
    "sex": SEXES,
    "partner": PARTNERS,
    "setting": SETTINGS,
    "band": BANDS,
    "yes_no": {"no": 0, "yes": 1},
}
"""Words of a kind to the number that the arithmetic uses."""

LEVEL_WORDS = {
    "": ("no problems", "some problems", "significant problems"),
    "drug_motivation": ("full motivation", "some motivation", "no motivation"),
    "awareness_of_consequences": ("yes", "sometimes", "no"),
}
"""What 0, 1 and 2 mean."""


def _f(kind: Kind, label: str, item: str = "", changeable: bool = False) -> Any:
    return field(
        default=None, metadata={"kind": kind, "label": label, "item": item, "changeable": changeable}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One person's answers. None is "not answered", never "no".

    Levels are 0 no problems, 1 some problems, 2 significant problems. Dates are local calendar days. Counts of
    sanctions include the current one. ``person_id`` is any text that the caller understands.
    """

    person_id: str | None = _f("text", "Person")
    assessment_date: dt.date | None = _f("date", "Date of the assessment")
    sex: str | None = _f("sex", "Sex")
    date_of_birth: dt.date | None = _f("date", "Date of birth")
    conviction_date: dt.date | None = _f("date", "Date of the current conviction")
    community_date: dt.date | None = _f("date", "Start of the time at risk in the community")
    age_at_first_sanction: int | None = _f("count", "Age at first sanction")
    sanctions: int | None = _f("count", "Sanctions, the current one included")
    violent_sanctions: int | None = _f("count", "Sanctions for violence")
    offence_code: str | None = _f("code", "Current offence, Home Office code of five digits")
    static_only: bool | None = _f("yes_no", "Only the static version is wanted")

    accommodation_suitability: int | None = _f("level", "Suitability of accommodation", "3.4", True)
    unemployed: bool | None = _f("yes_no", "Unemployed", "4.2", True)
    partner_relationship: int | None = _f("level", "Relationship with partner", "6.4", True)
    domestic_abuse: bool | None = _f("yes_no", "Evidence of domestic abuse by the person", "6.7")
    domestic_abuse_partner: bool | None = _f("yes_no", "Domestic abuse of a partner", "6.7")
    domestic_abuse_family: bool | None = _f("yes_no", "Domestic abuse of family", "6.7")
    partner_status: str | None = _f("partner", "Living with a partner", "6.8")
    activities_encourage_offending: int | None = _f(
        "level", "Regular activities encourage offending", "7.2", True
    )
    drug_motivation: int | None = _f("level", "Motivation to tackle drug misuse", "8.8", True)
    alcohol_current: int | None = _f("level", "Current use of alcohol", "9.1", True)
    alcohol_binge: int | None = _f("level", "Binge drinking in the last 6 months", "9.2", True)
    impulsivity: int | None = _f("level", "Impulsivity", "11.2", True)
    temper_control: int | None = _f("level", "Temper control", "11.4", True)
    pro_criminal_attitudes: int | None = _f("level", "Pro-criminal attitudes", "12.1", True)
    weapon: bool | None = _f("yes_no", "The offence involved a weapon", "2.2")

    drug_benzodiazepines: bool | None = _f("yes_no", "Uses benzodiazepines", "8.1", True)
    drug_cannabis: bool | None = _f("yes_no", "Uses cannabis", "8.1", True)
    drug_crack: bool | None = _f("yes_no", "Uses crack cocaine", "8.1", True)
    drug_hallucinogens: bool | None = _f("yes_no", "Uses hallucinogens", "8.1", True)
    drug_heroin: bool | None = _f("yes_no", "Uses heroin", "8.1", True)
    drug_ketamine: bool | None = _f("yes_no", "Uses ketamine", "8.1", True)
    drug_methadone: bool | None = _f("yes_no", "Uses methadone that was not prescribed", "8.1", True)
    drug_prescribed: bool | None = _f("yes_no", "Misuses prescribed drugs", "8.1", True)
    drug_other: bool | None = _f("yes_no", "Uses other drugs", "8.1", True)
    drug_other_opiate: bool | None = _f("yes_no", "Uses other opiates", "8.1", True)
    drug_powder_cocaine: bool | None = _f("yes_no", "Uses powder cocaine", "8.1", True)
    drug_solvents: bool | None = _f("yes_no", "Uses solvents", "8.1", True)
    drug_spice: bool | None = _f("yes_no", "Uses spice", "8.1", True)
    drug_steroids: bool | None = _f("yes_no", "Uses steroids", "8.1", True)

    past_aggravated_burglary: bool | None = _f("yes_no", "Convicted before of aggravated burglary")
    past_arson: bool | None = _f("yes_no", "Convicted before of arson")
    past_criminal_damage_life: bool | None = _f("yes_no", "Convicted before of damage that endangered life")
    past_firearms: bool | None = _f("yes_no", "Convicted before of a firearms offence")
    past_wounding: bool | None = _f("yes_no", "Convicted before of wounding or grievous bodily harm")
    past_homicide: bool | None = _f("yes_no", "Convicted before of homicide")
    past_kidnap: bool | None = _f("yes_no", "Convicted before of kidnapping")
    past_robbery: bool | None = _f("yes_no", "Convicted before of robbery")
    past_weapon: bool | None = _f("yes_no", "Convicted before of a weapon offence, not firearms")

    ever_sexual_offence: bool | None = _f("yes_no", "Ever committed a sexual offence", "1.30")
    contact_adult_sanctions: int | None = _f("count", "Sanctions for contact sexual offences, adult victim")
    contact_child_sanctions: int | None = _f("count", "Sanctions for contact sexual offences, child victim")
    image_sanctions: int | None = _f("count", "Sanctions for indecent images or indirect child contact")
    non_contact_sanctions: int | None = _f("count", "Sanctions for other non-contact sexual offences")
    last_sexual_offence_date: dt.date | None = _f("date", "Date of the most recent sexual offence sanction")
    last_offence_date: dt.date | None = _f("date", "Date of the most recent offence")
    stranger_victim: bool | None = _f("yes_no", "The current offence was against a stranger")
    sexually_motivated: bool | None = _f("yes_no", "The current offence was sexually motivated", "1.41")
    supervision: str | None = _f("setting", "Where the person is: community, custody or remand")

    recognises_impact: bool | None = _f("yes_no", "Recognises the impact of offending on others", "2.6", True)
    no_fixed_abode: bool | None = _f("yes_no", "No fixed abode or transient", "3.3", True)
    psychiatric_treatment: bool | None = _f("yes_no", "Current psychiatric treatment or treatment pending")
    drug_misuse_current: int | None = _f("level", "Current drug misuse", "", True)
    problem_solving: int | None = _f("level", "Problem solving skills", "11.6", True)
    awareness_of_consequences: int | None = _f("level", "Awareness of consequences", "11.7", True)
    understands_others: int | None = _f("level", "Understands other people's views", "11.9", True)

    peer_influence: bool | None = _f("yes_no", "Peer group influences")
    criminal_associates: int | None = _f("level", "Easily influenced by criminal associates", "7.3")
    recklessness: int | None = _f("level", "Recklessness and risk-taking", "7.5")
    difficulties_coping: int | None = _f("level", "Difficulties coping", "10.1")
    attitude_to_self: int | None = _f("level", "Attitudes towards self", "10.4")

    sexual_harm_risk: bool | None = _f("yes_no", "A risk of sexual harm")
    sexual_preoccupation: int | None = _f("level", "Sexual preoccupation")
    sexual_interests: int | None = _f("level", "Offence-related sexual interests")
    congruence_with_children: int | None = _f("level", "Emotional congruence with children")
    hostile_orientation: int | None = _f("level", "Hostile orientation")
    family_relationships: int | None = _f("level", "Current relationship with family members", "6.1")
    close_relationships: int | None = _f("level", "Previous close relationships", "6.6")
    easily_influenced: int | None = _f("level", "Easily influenced (programme needs)", "7.3")
    controlling_behaviour: int | None = _f("level", "Controlling or aggressive behaviour", "11.3")
    sara_partner: str | None = _f("band", "SARA, risk to partner")
    sara_others: str | None = _f("band", "SARA, risk to others")

    rosh: str | None = _f("band", "Overall risk of serious harm, this assessment")
    rosh_highest: str | None = _f("band", "Highest risk of serious harm over all assessments")
    custodial_sentence: bool | None = _f("yes_no", "Custodial sentence")
    mappa_eligible: bool | None = _f("yes_no", "Eligible for MAPPA")
    opd_override: bool | None = _f("yes_no", "Screen in by override")
    violence_or_threat: bool | None = _f("yes_no", "The offence involved violence or a threat of it")
    excessive_violence: bool | None = _f("yes_no", "The offence involved excessive violence")
    arson: bool | None = _f("yes_no", "The offence involved arson")
    emotional_motivation: bool | None = _f("yes_no", "The motive was an emotional state")
    offence_linked_to_risk: bool | None = _f("yes_no", "Offence analysis linked to risk")
    accommodation_linked_to_risk: bool | None = _f("yes_no", "Accommodation linked to risk")
    relationships_linked_to_risk: bool | None = _f("yes_no", "Relationships linked to risk")
    emotions_linked_to_risk: bool | None = _f("yes_no", "Emotional wellbeing linked to risk")
    thinking_linked_to_risk: bool | None = _f("yes_no", "Thinking and behaviour linked to risk")
    childhood_experience: int | None = _f("level", "Experience of childhood")
    childhood_behaviour: bool | None = _f("yes_no", "Evidence of childhood behavioural problems")
    financial_reliance: int | None = _f("level", "Over-reliance on others for money")
    manipulative_behaviour: int | None = _f("level", "Manipulative or predatory behaviour")
    psychological_problems: int | None = _f("level", "Current psychological problems")
    psychiatric_problems: int | None = _f("level", "Current psychiatric problems")
    psychiatric_history: bool | None = _f("yes_no", "History of psychiatric treatment")
    psychiatric_medication: bool | None = _f("yes_no", "Ever on medication for mental health problems")
    secure_hospital: bool | None = _f("yes_no", "Ever in a special hospital or secure unit")
    obsessive_behaviour: bool | None = _f("yes_no", "Obsessive behaviour linked to offending")
    self_harm: bool | None = _f("yes_no", "Self-harm or attempted suicide")
    attitude_to_supervision: int | None = _f("level", "Attitude to supervision or licence")
    assaulted_staff: bool | None = _f("yes_no", "Assaulted or threatened staff")
    escaped: bool | None = _f("yes_no", "Escaped or absconded")
    control_issues: bool | None = _f("yes_no", "Control issues")

    work_skills: int | None = _f("level", "Work-related skills", "4.4")
    literacy_problems: int | None = _f("level", "Problems with reading, writing or numeracy", "4.7")
    reading_problems: bool | None = _f("yes_no", "Problems with reading")
    numeracy_problems: bool | None = _f("yes_no", "Problems with numeracy")
    learning_difficulties: int | None = _f("level", "Learning difficulties", "4.8")
    no_qualifications: bool | None = _f("yes_no", "No qualifications", "4.9")


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What is known of a field: see :class:`Assessment`. ``item`` is its OASys question, where it has one;
    ``changeable`` means a plan could change the answer."""

    name: str
    kind: Kind
    label: str
    item: str
    changeable: bool

    def shown(self, value: object) -> str:
        """The answer in words."""
        if value is None:
            return "not answered"
        if self.kind == "yes_no":
            return "yes" if value else "no"
        if self.kind == "level" and isinstance(value, int | float):
            return f"{int(value)} ({LEVEL_WORDS.get(self.name, LEVEL_WORDS[''])[int(value)]})"
        return str(value).replace("_", " ")


@cache
def field_table() -> dict[str, FieldInfo]:
    """Every field by name, in the order of :class:`Assessment`."""
    return {f.name: FieldInfo(name=f.name, **f.metadata) for f in fields(Assessment)}
