"""Persons and what belongs to them alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import post_delete
from django.dispatch import receiver

from milepost.service import clock
from milepost.service.accounts.models import Team, User
from milepost.service.accounts.principals import Principal, Within
from milepost.service.accounts.roles import Reach
from milepost.service.kit import looks
from milepost.service.kit.two_hands import another_hand
from milepost.service.people.near import keys_of
from milepost.service.people.words import NUMBER_LENGTH, WORD_LENGTH, backwards, words_of

WORDS_AT_ONCE = 500
NAMED = frozenset({"name", "search_name", "also_known_as"})
"""Fields whose change alters the words a person is found by."""


def _opened_by_exception(staff: int | None, now_utc: dt.datetime) -> Q:
    return Q(pk__in=ExceptionalAccess.objects.filter(user=staff, until_utc__gt=now_utc).values("person"))


def _named_on(staff: int | None) -> Q:
    return Q(pk__in=NamedAccess.objects.filter(user=staff).values("person"))


def _held_by(within: Within, now_utc: dt.datetime) -> Q:
    """People within reach. Somebody whom a team and a prison hold is within the reach of both."""
    nobody = Q(pk__in=[])
    return {
        Reach.NOBODY: nobody,
        Reach.EVERYONE: Q(),
        Reach.OWN_TEAM: Q(team_id=within.holder) if within.holder else nobody,
        Reach.OWN_PRISON: Q(prison_id=within.holder) if within.holder else nobody,
        Reach.ON_TAG: Q(monitored_until_utc__gte=now_utc),
    }[within.reach]


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, principal: Principal) -> PersonQuerySet:
        """The persons whose record ``principal`` may open. What is not in here is answered with 404.

        Reach comes from the role. A restricted record is seen only by those named on it, and by the person whose it is.
        Exceptional access, asked for with a reason, adds a person for its time; it never opens a restricted record.
        """
        within, now = principal.within, clock.now_utc()
        if within.reach is Reach.NOBODY:
            return self.none()
        if within.reach is Reach.OWN_RECORD:
            return self.filter(pk=within.person)
        held = _held_by(within, now)
        if within.staff is None:
            return self.filter(held, restricted=False)
        asked, named = _opened_by_exception(within.staff, now), _named_on(within.staff)
        return self.filter(Q(restricted=False) & (held | asked) | Q(restricted=True) & named)

    def listed_for(self, principal: Principal) -> PersonQuerySet:
        """The same persons as ``visible_to``, for a list that begins with them.

        Where a role sees one team or one prison, the ways to see somebody are asked one by one: each has an index, and a
        planner sees that they are few. Of "or" PostgreSQL expects half of all people, and reads everybody.
        """
        within = principal.within
        if within.staff is None or within.reach not in (Reach.OWN_TEAM, Reach.OWN_PRISON):
            return self.visible_to(principal)
        ways = self.ways_to(principal)
        return self.filter(pk__in=ways[0].values("pk").union(*(way.values("pk") for way in ways[1:])))

    def ways_to(self, principal: Principal) -> list[PersonQuerySet]:
        """The same persons as ``visible_to``, in parts: within reach, opened by exception, named on the record. Each has
        an index, and what else is asked of a part is asked within it."""
        within, now = principal.within, clock.now_utc()
        if within.staff is None or within.reach is Reach.NOBODY:
            return [self.visible_to(principal)]
        people = Person.objects.order_by()
        open_ones = people.filter(restricted=False)
        return [
            open_ones.filter(_held_by(within, now)),
            open_ones.filter(_opened_by_exception(within.staff, now)),
            people.filter(restricted=True).filter(_named_on(within.staff)),
        ]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        with transaction.atomic(using=self.db):
            made = super().bulk_create(objs, *args, **kwargs)
            add_words(made)
        return made


class Person(models.Model):
    """A person under supervision. ``reference`` is their id in orders, signals, findings and the audit log."""

    reference = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    search_name = models.CharField(
        max_length=120, db_index=True, help_text="Folded to lower case without accents"
    )
    also_known_as = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    preferred_language = models.CharField(max_length=10, default="en-gb")
    communication_needs = models.CharField(
        max_length=300, blank=True, help_text="Interpreter, large print, ..."
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="people")
    prison = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="residents",
        limit_choices_to={"kind": Team.Kind.PRISON}, help_text="Where they are held now, whoever supervises them outside",
    )  # fmt: skip
    practitioner = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="caseload"
    )
    restricted = models.BooleanField(default=False)
    synthetic = models.BooleanField(default=False)
    monitored_until_utc = models.DateTimeField(
        null=True, blank=True, db_index=True,
        help_text="Monitoring officers see the record until then: far off while a device is fitted",
    )  # fmt: skip
    created_utc = models.DateTimeField(default=clock.now_utc)
    erased_utc = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(
        default=0, help_text="Rises with every change of identity, team or restriction; forms name it"
    )

    objects: ClassVar[Any] = PersonQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["id"], name="person_restricted", condition=Q(restricted=True)),
            models.Index(fields=["team", "search_name"], name="people_by_team"),
            models.Index(fields=["date_of_birth"], name="people_by_birth"),
        )

    def __str__(self) -> str:
        return self.reference

    @classmethod
    def from_db(cls, *args: Any, **more: Any) -> Person:
        """Says to the request that is being answered that this person was read."""
        person: Person = super().from_db(*args, **more)
        known = person.__dict__
        if "reference" in known:
            looks.read(known["reference"], known.get("name", ""))
        return person

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the words that the person is found by in step with the names."""
        changed = kwargs.get("update_fields")
        with transaction.atomic():
            super().save(*args, **kwargs)
            if changed is None or NAMED & set(changed):
                write_words([self])


class NameWord(models.Model):
    """One word of a person's names, folded. An index finds those that begin with what was typed."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="name_words")
    word = models.CharField(max_length=WORD_LENGTH, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "word"], name="name_word_once"),)

    def __str__(self) -> str:
        return f"word of {self.person_id}"


class NearWord(models.Model):
    """A word of somebody's names under a key that words of nearly the same spelling share (``people.near``).

    It stands once, whoever bears it. With the last who did it goes: an erased name is in no table.
    """

    key = models.CharField(max_length=WORD_LENGTH + 1, db_index=True)
    word = models.CharField(max_length=WORD_LENGTH, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["word", "key"], name="near_word_once"),)

    def __str__(self) -> str:
        return "key of a word"


def write_words(people: Sequence[Person]) -> None:
    """Makes the words of these people what their names say now."""
    before = set(NameWord.objects.filter(person__in=people).values_list("word", flat=True))
    NameWord.objects.filter(person__in=people)._raw_delete(NameWord.objects.db)  # nothing points to a word
    add_words(people)
    forget_unborne(before)


def add_words(people: Sequence[Person]) -> None:
    NameWord.objects.bulk_create(
        [
            NameWord(person=person, word=word)
            for person in people
            for word in words_of(person.name, person.also_known_as)
        ],
        batch_size=5000,
    )
    add_near_words({word for person in people for word in words_of(person.name, person.also_known_as)})


def add_near_words(words: set[str]) -> None:
    """Keys of those words that have none yet."""
    new = sorted(words)
    known: set[str] = set()
    for i in range(0, len(new), WORDS_AT_ONCE):
        some = NearWord.objects.filter(word__in=new[i : i + WORDS_AT_ONCE])
        known |= set(some.values_list("word", flat=True))
    NearWord.objects.bulk_create(
        [NearWord(key=key, word=word) for word in new if word not in known for key in sorted(keys_of(word))],
        batch_size=5000,
        ignore_conflicts=True,  # somebody else may write a namesake at this moment
    )


def words_of_nobody_else(person: Person) -> list[str]:
    """Words of this person's names that nobody else bears."""
    own = NameWord.objects.filter(person=person).values_list("word", flat=True)
    others = NameWord.objects.filter(word=OuterRef("word")).exclude(person=person)
    return sorted(own.exclude(Exists(others)))


def forget_unborne(words: Iterable[str]) -> None:
    """Takes away the keys of words that nobody bears any more."""
    gone = [word for word in words if not NameWord.objects.filter(word=word).exists()]
    if gone:
        NearWord.objects.filter(word__in=gone).delete()


@receiver(post_delete, sender=NameWord)
def forget_word(instance: NameWord, **_: Any) -> None:
    """Whatever took the person away."""
    forget_unborne([instance.word])


class NamedAccess(models.Model):
    """Somebody named on a restricted record."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="named_access")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "user"], name="named_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} named on {self.person_id}"


class ExceptionalAccess(models.Model):
    """A user outside the reach of their role opened a record, said why, and may see it for a day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="exceptional_access")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    reason = models.CharField(max_length=500)
    at_utc = models.DateTimeField(default=clock.now_utc)
    until_utc = models.DateTimeField()

    class Outcome(models.TextChoices):
        IN_ORDER = "in_order"
        NOT_IN_ORDER = "not_in_order"

    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_utc = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    review_note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (models.Index(fields=["user", "until_utc"], name="exceptional_by_user"),)
        constraints = (another_hand("access_reviewed_by_another", first="user", second="reviewed_by"),)

    def __str__(self) -> str:
        return f"{self.user_id} on {self.person_id} until {self.until_utc}"


class StaffRisk(models.Model):
    """A risk that staff must know before they call or visit. Shown on every page about the person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="staff_risks")
    text = models.CharField(max_length=300)
    source = models.CharField(max_length=200, blank=True)
    since = models.DateField(default=dt.date.today)
    ended = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"risk {self.pk} of {self.person_id}"


class Characteristics(models.Model):
    """What the person said of themselves, kept apart from their record.

    Sex is read where a published instrument defines it so. Ethnicity, religion, disability and sexual orientation
    are read only to check, in numbers of people, whether scores and decisions are fair: no score, rule or list may
    read them, and no page about one person shows them. Blank is unknown, never a group of its own.

    ``ethnicity`` holds one of the five broad groups of the harmonised standard for Great Britain (Government
    Statistical Service, ethnicity harmonised standard).
    """

    class Sex(models.TextChoices):
        MALE = "male"
        FEMALE = "female"

    class Ethnicity(models.TextChoices):
        ASIAN = "asian"
        BLACK = "black"
        MIXED = "mixed"
        WHITE = "white"
        OTHER = "other"

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="characteristics")
    sex = models.CharField(max_length=10, choices=Sex, blank=True)
    ethnicity = models.CharField(max_length=20, choices=Ethnicity, blank=True)
    religion = models.CharField(max_length=40, blank=True)
    disability = models.BooleanField(null=True, blank=True)
    sexual_orientation = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=200, blank=True)
    recorded_utc = models.DateTimeField(default=clock.now_utc)

    def __str__(self) -> str:
        return f"characteristics of {self.person_id}"


class ContactQuerySet(models.QuerySet["ContactDetail"]):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        contacts = list(objs)
        for contact in contacts:
            contact.number_backwards = contact.digits()
        return super().bulk_create(contacts, *args, **kwargs)


class ContactDetail(models.Model):
    """A telephone number, an e-mail address or an address of the person."""

    class Kind(models.TextChoices):
        MOBILE = "mobile"
        TELEPHONE = "telephone"
        EMAIL = "email"
        ADDRESS = "address"
        OTHER_PERSON = "other_person"

    WITH_NUMBER = (Kind.MOBILE, Kind.TELEPHONE, Kind.OTHER_PERSON)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.CharField(max_length=300)
    note = models.CharField(max_length=200, blank=True, help_text="Best time to call, who answers")
    preferred = models.BooleanField(default=False)
    ended_utc = models.DateTimeField(null=True, blank=True)
    number_backwards = models.CharField(
        max_length=NUMBER_LENGTH, blank=True, editable=False, db_index=True,
        help_text="The digits of a telephone number from the last: an index finds by its end, however it begins",
    )  # fmt: skip

    objects: ClassVar[Any] = ContactQuerySet.as_manager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.number_backwards = self.digits()
        super().save(*args, **kwargs)

    def digits(self) -> str:
        return backwards(self.value) if self.kind in self.WITH_NUMBER else ""

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class Note(models.Model):
    """What an officer wrote down. Never changed; a correction is a new note that names the old one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=5000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at_utc = models.DateTimeField(default=clock.now_utc)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )

    class Meta:
        indexes = (models.Index(fields=["by", "at_utc"], name="note_by"),)

    def __str__(self) -> str:
        return f"note {self.pk} on {self.person_id}"
