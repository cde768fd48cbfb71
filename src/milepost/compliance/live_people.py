# Over 400 lines: one class, who is judged where; moving people is in live_load, sharing signals in live_routes.
"""Live engines over a population that changes: people come, go, and are given new orders and devices.

Each person is judged by exactly one ``LiveEngine``, from a beginning of their own. Whoever is put (again)
gets a new, small engine made from stored signals; the engine that had them forgets them. ``advance``
joins small engines and renews those whose obligations are not laid out far enough ahead, one engine at a
time, from what the engines themselves keep: so no step lasts long, and no answer depends on it.

What is said of a person is what ``batch.evaluate`` says of the order file of everybody here and of the
person's signals recorded from their begin on, once ``settle`` has brought it up to the clock. A device
worn by several people one after the other (or a home unit of a household) is one device: whoever else
has an activation of it is placed again too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

import pyarrow as pa

from milepost.compliance import compiled
from milepost.compliance.columns import Columns
from milepost.compliance.live import DAY_US, LiveEngine, Step
from milepost.compliance.live_begin import safe_begin_us, within_reach
from milepost.compliance.live_load import hand_over, leave, load_signals
from milepost.compliance.live_record import Row
from milepost.compliance.live_routes import Routes, by_clock, share_fixes, share_table
from milepost.compliance.rule_tables import RuleSet
from milepost.compliance.shares import Expand
from milepost.compliance.worn import TAGS, Wearing, Wearings, exclusive
from milepost.orders.model import Activation, Order, OrderFile
from milepost.orders.schedules import expand as expand_orders
from milepost.tracks.record import Signals

History = Callable[[Sequence[str], int], Signals]
"""(device ids, from when, microseconds UTC) -> every stored signal of those devices recorded since."""
AHEAD_US = 3 * DAY_US
PEOPLE_AN_ENGINE = 1_000
MOST_SMALL_ENGINES = 8
"""Engines less than half full, before some are joined."""


@dataclass(slots=True)
class Placed:
    """One person: what was ordered, what they wore, from when they are judged, and in which engine."""

    begin_us: int
    orders: list[Order] = field(default_factory=list)
    activations: list[Activation] = field(default_factory=list)
    wearings: list[Wearing] = field(default_factory=list)
    settled: list[Row] = field(default_factory=list)
    part: int = -1

    @property
    def devices(self) -> set[str]:
        return {wearing.device_id for wearing in self.wearings}


@dataclass(slots=True)
class Part:
    """One engine and whom it judges."""

    engine: LiveEngine
    people: set[str]


class LivePeople:
    """Judges a changing population as signals arrive.

    Args:
        rules: what signals and findings mean.
        history: see ``History``. Whatever was given to ``ingest`` has to be in it.
        expand: ``orders.schedules.expand``.
        horizon_us_ahead: how far ahead of the clock obligations are laid out at least when an engine is
            made; it is renewed once a third of that is left.
        people_an_engine: engines are not made larger; bounds how long one piece of upkeep takes.
        small_engines: so many may be less than half full before some are joined.
        kernel: for tests; None takes the compiled one.
    """

    def __init__(
        self,
        rules: RuleSet,
        *,
        history: History,
        expand: Expand = expand_orders,
        horizon_us_ahead: int = AHEAD_US,
        people_an_engine: int = PEOPLE_AN_ENGINE,
        small_engines: int = MOST_SMALL_ENGINES,
        kernel: ModuleType | None = None,
    ) -> None:
        self.rules = rules
        self.now_us = -DAY_US
        self._history = history
        self._expand = expand
        self._ahead_us = horizon_us_ahead
        self._most = people_an_engine
        self._most_small = small_engines
        self._kernel = kernel or compiled.load()
        self._placed: dict[str, Placed] = {}
        self._wearers: dict[str, set[str]] = {}
        self._parts: dict[int, Part] = {}
        self._route: Routes = {}
        self._next_part = 0
        self._too_early: dict[str, int] = {}
        self._wanted_begins: dict[str, int] = {}
        self._ahead: list[Signals] = []
        days = [r.within_days or 0 for t in rules.tables for r in t.response if r.repeats > 1]
        self._repeats_us = int(max(days, default=0.0) * DAY_US)

    # --- who is judged ------------------------------------------------------------------------------------

    @property
    def people(self) -> set[str]:
        return set(self._placed)

    @property
    def engines(self) -> int:
        """How many engines share the people."""
        return len(self._parts)

    def begin_us(self, person_id: str) -> int:
        """From when the person is judged, microseconds UTC. KeyError: not here."""
        return self._placed[person_id].begin_us

    def put(
        self,
        order_file: OrderFile,
        *,
        begin_us: int | Mapping[str, int],
        now_us: int,
        settled: Iterable[Row] | None = None,
    ) -> set[str]:
        """Places everyone in the order file, or places them again: all their orders and activations.

        Args:
            begin_us: from when they are judged, microseconds UTC; for all, or by person (everyone named in
                the order file needs one).
            now_us: the clock; signals recorded later are left to ``ingest``.
            settled: findings from before a person's begin as last recorded; they count as repeats. None:
                those that are known here.

        Returns:
            Whose findings may have changed: these people, and those who share a device with them.

        Raises:
            LookupError: a regime has no published rule table. Everyone is then where they were before.
        """
        new = _by_person(order_file, begin_us)
        if settled is None:
            settled = [r for person in new if person in self._placed for r in self._placed[person].settled]
        for row in settled:
            placed = new.get(row["person_id"])
            if placed is not None and not within_reach(row, placed.begin_us):
                placed.settled.append(row)
        return self._replace(new, set(), now_us)

    def remove(self, person_ids: Iterable[str]) -> set[str]:
        """Forgets people. Returns those who share a device with them: they have been judged again."""
        gone = set(person_ids) & set(self._placed)
        return self._replace({}, gone, self.now_us) if gone else set()

    def too_early(self) -> dict[str, int]:
        """People of whom signals came from before their begin, with the earliest time, microseconds UTC.

        They were not judged. ``put`` the person with an older begin: they are in the history by then.
        """
        return dict(self._too_early)

    def findings_of(self, person_ids: Iterable[str]) -> list[Row]:
        """Their current findings as rows of the findings table (times: integers, microseconds UTC).

        Revision numbers are not kept here: ``live_record.compare`` counts them from what was recorded.
        """
        return [
            {**row, "revision": 1, "supersedes": ""}
            for person in sorted(person_ids)
            if person in self._placed
            for row in self._engine_of(person).record.rows_of(person)
        ]

    def settles_us(self, row: Row) -> int:
        """When the coverage of a finding's obligation is final (``Record.settles_us``). KeyError: nobody here."""
        return self._engine_of(row["person_id"]).record.settles_us(row)

    def safe_begin_us(self, person_id: str, wanted_us: int) -> int:
        """``live_begin.safe_begin_us`` for one person as they stand, not before their begin now."""
        engine = self._engine_of(person_id)
        safe = safe_begin_us(
            engine.record.rows_of(person_id),
            wanted_us,
            rules=self.rules,
            obligations=engine.obligations.get(person_id, []),
        )
        return max(safe, self._placed[person_id].begin_us)

    # --- signals and the clock ----------------------------------------------------------------------------

    def ingest(self, signals: Signals, *, now_us: int) -> set[str]:
        """Takes signals in, in any order, with repeats, however late, and moves the clock.

        Signals recorded after the clock wait until it has passed them. Returns the people judged.
        """
        now = max(now_us, self.now_us)
        arrived = self._arrived(signals, now)
        judged = self._move_to(now)
        looks: dict[int, set[str]] = {number: set() for number in self._parts}
        step = Step()
        for one in arrived:
            for number, fixes, presence, events in self._shares(one):
                self._parts[number].engine.take(fixes, presence, events, looks[number], step)
        for person, when in step.too_early.items():
            self._too_early[person] = min(when, self._too_early.get(person, when))
        return judged | self._tick(looks)

    def advance(self, now_us: int) -> set[str]:
        """Moves the clock: silence, starts and ends; and does a piece of upkeep. Returns the people judged."""
        judged = self.ingest(Signals(), now_us=now_us)
        return judged | self.consolidate()

    def settle(self, now_us: int, person_ids: Iterable[str] | None = None) -> set[str]:
        """Brings every finding still in play (of some people, or all) up to the clock."""
        judged = self.ingest(Signals(), now_us=now_us)
        wanted = self._placed.keys() if person_ids is None else set(person_ids) & self._placed.keys()
        looks: dict[int, set[str]] = {}
        for person in wanted:
            if self._engine_of(person).record.rows_of(person):
                looks.setdefault(self._placed[person].part, set()).add(person)
        return judged | self._tick(looks)

    def _move_to(self, now: int) -> set[str]:
        """Renews engines whose horizon the clock is about to pass."""
        self.now_us = now
        passed = [number for number, part in self._parts.items() if now > part.engine.horizon_us]
        judged: set[str] = set()
        for number in passed:
            judged |= self._renew([number])
        return judged

    def _tick(self, looks: Mapping[int, set[str]]) -> set[str]:
        judged: set[str] = set()
        for number, look in looks.items():
            part = self._parts[number]
            look = (look | part.engine.tick(self.now_us)) & part.people
            if look:
                part.engine.judge_people(look, Step())
                judged |= look
        return judged

    def _arrived(self, signals: Signals, now: int) -> list[Signals]:
        """What is recorded by now, of these signals and of those that waited; the others wait."""
        arrived = []
        waiting, self._ahead = self._ahead, []
        for one in [*waiting, signals]:
            if not one.n_rows:
                continue
            parts = [by_clock(table, now) for table in (one.fixes, one.presence, one.device_events)]
            if parts[0][1].num_rows + parts[1][1].num_rows + parts[2][1].num_rows:
                self._ahead.append(Signals(*(later for _, later in parts)))
            arrived.append(Signals(*(by_now for by_now, _ in parts)))
        return arrived

    def _shares(self, signals: Signals) -> Iterable[tuple[int, Columns | None, pa.Table, pa.Table]]:
        """Which engine gets which of the signals."""
        fixes = share_fixes(signals.fixes, self._route)
        presence = share_table(signals.presence, self._route)
        events = share_table(signals.device_events, self._route)
        for number in sorted({*fixes, *presence, *events}):
            yield (
                number,
                fixes.get(number),
                presence.get(number, signals.presence.slice(0, 0)),
                events.get(number, signals.device_events.slice(0, 0)),
            )

    # --- placing ------------------------------------------------------------------------------------------

    def _replace(self, new: dict[str, Placed], gone: set[str], now_us: int) -> set[str]:
        """Puts people in place and takes others away; places again whoever shares a device with them."""
        now = max(now_us, self.now_us)
        before = {person: self._placed[person] for person in {*new, *gone} if person in self._placed}
        devices = set().union(*(p.devices for p in before.values()), *(p.devices for p in new.values()))
        sharing = set().union(*(self._wearers.get(device, set()) for device in devices)) - new.keys() - gone
        self._register(before, new)
        try:
            group = sorted({*new, *sharing})
            pieces = [group[i : i + self._most] for i in range(0, len(group), self._most)]
            parts = [self._from_history(piece, now, i, len(pieces)) for i, piece in enumerate(pieces)]
        except BaseException:
            self._register(new, before)
            raise
        self.now_us = now
        for person in gone:
            self._wanted_begins.pop(person, None)
            self._too_early.pop(person, None)
        old = {person: placed.part for person, placed in before.items()}
        old |= {person: self._placed[person].part for person in sharing}
        self._adopt(parts, old, devices)
        for person in group:
            self._too_early.pop(person, None)
        return set(group)

    def _register(self, before: Mapping[str, Placed], after: Mapping[str, Placed]) -> None:
        for person, placed in before.items():
            self._placed.pop(person, None)
            for device in placed.devices:
                self._wearers[device].discard(person)
                if not self._wearers[device]:
                    del self._wearers[device]
        for person, placed in after.items():
            self._placed[person] = placed
            for device in placed.devices:
                self._wearers.setdefault(device, set()).add(person)

    def _from_history(self, people: list[str], now: int, piece: int, pieces: int) -> Part:
        """A new engine over stored signals, its people judged."""
        engine = self._new_engine(people, now, piece / pieces)
        devices = sorted(set().union(*(self._placed[p].devices for p in people)))
        if devices:
            signals = self._history(devices, engine.begin_us)
            tables = (signals.fixes, signals.presence, signals.device_events)
            load_signals(engine, Signals(*(by_clock(table, now)[0] for table in tables)))
        engine.tick(now)
        engine.judge_people(people, Step())
        return Part(engine, set(people))

    def _new_engine(self, people: Iterable[str], now: int, stagger: float = 0.0) -> LiveEngine:
        """Without signals. ``stagger``: 0 to 1, so that engines made together are not renewed together."""
        people = sorted(people)
        placed = [self._placed[person] for person in people]
        begins = {person: one.begin_us for person, one in zip(people, placed, strict=True)}
        order_file = OrderFile(
            activations=[a for one in placed for a in one.activations],
            orders=[o for one in placed for o in one.orders],
        )
        ahead = int(self._ahead_us * (1 + stagger))
        engine = LiveEngine(
            order_file,
            self.rules,
            self._expand,
            begin_us=min(begins.values()),
            horizon_us=max(now, *begins.values()) + ahead,
            kernel=self._kernel,
            begins=begins,
            wearings=self._wearings_of(people),
            settled={person: one.settled for person, one in zip(people, placed, strict=True) if one.settled},
        )
        engine.now_us = now
        for person, begin in begins.items():
            if begin > now:
                engine.clock.wake(begin, person)
        return engine

    def _wearings_of(self, people: list[str]) -> Wearings:
        """What these people wore, where everybody's activations decide who wore a device when."""
        own = set(people)
        by_person = {p: self._placed[p].wearings for p in people if self._placed[p].wearings}
        result = Wearings(by_person={p: list(wearings) for p, wearings in by_person.items()})
        for device in {w.device_id for wearings in by_person.values() for w in wearings}:
            all_of = [
                w for p in self._wearers[device] for w in self._placed[p].wearings if w.device_id == device
            ]
            tags = [w for w in all_of if w.device_kind in TAGS]
            spans = [span for span in exclusive(tags) if span[2].person_id in own]
            if spans:
                result.tag_spans[device] = spans
            units = [w for w in all_of if w.device_kind not in TAGS and w.person_id in own]
            if units:
                result.units[device] = units
        return result

    def _adopt(self, parts: Iterable[Part], old: Mapping[str, int], devices: Iterable[str]) -> None:
        """Makes parts the place of their people. ``old``: where these, and people who left, were;
        ``devices``: besides those of the people in the parts, whose way may have changed."""
        leaving: dict[int, set[str]] = {}
        for person, number in old.items():
            leaving.setdefault(number, set()).add(person)
        for number, people in leaving.items():
            part = self._parts[number]
            part.people -= people
            if part.people:
                leave(part.engine, people)
            else:
                del self._parts[number]
        touched = set(devices)
        for part in parts:
            self._parts[self._next_part] = part
            for person in part.people:
                self._placed[person].part = self._next_part
                touched |= self._placed[person].devices
            self._next_part += 1
        for device in touched:
            numbers = sorted({self._placed[p].part for p in self._wearers.get(device, ())})
            if numbers:
                self._route[device] = numbers[0] if len(numbers) == 1 else tuple(numbers)
            else:
                self._route.pop(device, None)

    def _engine_of(self, person: str) -> LiveEngine:
        return self._parts[self._placed[person].part].engine

    # --- upkeep -------------------------------------------------------------------------------------------

    def roll(self, begins_us: Mapping[str, int]) -> None:
        """Wishes for later begins, so that older signals can be forgotten; ``consolidate`` grants them.

        A wish is granted only where it changes no finding within reach; else the person keeps their begin.
        Findings from before the new begin leave ``findings_of``: they are settled, and still count as
        repeats.
        """
        for person, begin in begins_us.items():
            if person in self._placed and begin > self._placed[person].begin_us:
                self._wanted_begins[person] = begin

    def consolidate(self) -> set[str]:
        """One piece of upkeep, if one is due: renews or joins at most ``people_an_engine`` people.

        Returns the people judged for it.
        """
        self._wanted_begins = {p: b for p, b in self._wanted_begins.items() if p in self._placed}
        due = [n for n, p in self._parts.items() if p.engine.horizon_us - self.now_us < self._ahead_us // 3]
        if due:
            return self._renew([min(due, key=lambda n: self._parts[n].engine.horizon_us)])
        if self._wanted_begins:
            return self._renew([self._placed[min(self._wanted_begins)].part])
        small = [n for n, part in self._parts.items() if 2 * len(part.people) < self._most]
        if len(small) > self._most_small:
            chosen = self._that_join(small)
            return self._renew(chosen) if len(chosen) > 1 else set()
        return set()

    def _that_join(self, small: list[int]) -> list[int]:
        """The smallest engines first, up to one much larger than all before it: nobody is moved often."""
        chosen: list[int] = []
        total = 0
        for number in sorted(small, key=lambda n: (len(self._parts[n].people), n)):
            size = len(self._parts[number].people)
            if len(chosen) >= 2 and (total + size > self._most or size > 2 * total):
                break
            chosen.append(number)
            total += size
        return chosen

    def _renew(self, numbers: list[int]) -> set[str]:
        """Makes one engine of some, from what they keep, granting wishes for later begins."""
        people = sorted(set().union(*(self._parts[n].people for n in numbers)))
        wishes = {p: self._wanted_begins.pop(p) for p in people if p in self._wanted_begins}
        sources = {p: self._engine_of(p) for p in people}
        judged: set[str] = set()
        for number in numbers:  # the old engines have their last say, as far as they can look
            part = self._parts[number]
            if self.now_us <= part.engine.horizon_us:
                look = part.engine.tick(self.now_us) & part.people
                look |= wishes.keys() & part.people
                part.engine.judge_people(look, Step())
                judged |= look
            else:
                judged |= part.people  # by the new one
        before = {person: sources[person].record.rows_of(person) for person in wishes}
        kept_back: set[str] = set()
        while True:
            granted = {person: wish for person, wish in wishes.items() if person not in kept_back}
            engine = self._with_begins(granted, people, sources, before)
            unseen = {p for p in people if self.now_us > sources[p].horizon_us}
            engine.judge_people(unseen | granted.keys(), Step())
            wrong = {p for p in granted if not self._rolls_well(before[p], engine, p)}
            if not wrong:
                break
            kept_back |= wrong
        for person in people:
            if person not in unseen and person not in granted:
                source = sources[person]
                ours, theirs = (e.places.person_number.get(person) for e in (engine, source))
                engine.record.take_over(source.record, person, theirs, ours)
                engine.look_out_for(person)
        for person, begin in granted.items():
            placed = self._placed[person]
            self._placed[person] = replace(placed, begin_us=begin, settled=engine.settled.get(person, []))
        old = {person: self._placed[person].part for person in people}
        self._adopt([Part(engine, set(people))], old, ())
        return judged | granted.keys()

    def _with_begins(
        self,
        granted: Mapping[str, int],
        people: list[str],
        sources: Mapping[str, LiveEngine],
        before: Mapping[str, list[Row]],
    ) -> LiveEngine:
        """An engine filled from others, as if the begins were granted already."""
        as_before = {person: self._placed[person] for person in granted}
        for person, begin in granted.items():
            placed = as_before[person]
            out_of_reach = [row for row in before[person] if not within_reach(row, begin)]
            settled = [
                row for row in (*placed.settled, *out_of_reach) if row["end_utc"] >= begin - self._repeats_us
            ]
            self._placed[person] = replace(placed, begin_us=begin, settled=settled)
        try:
            engine = self._new_engine(people, self.now_us)
        finally:
            self._placed.update(as_before)
        hand_over(sources, engine)
        engine.tick(self.now_us)
        return engine

    def _rolls_well(self, before: list[Row], engine: LiveEngine, person: str) -> bool:
        begin = engine.begin_of(person)
        kept = {row["finding_id"] for row in before if within_reach(row, begin)}
        return kept == {row["finding_id"] for row in engine.record.rows_of(person)}


def _by_person(order_file: OrderFile, begin_us: int | Mapping[str, int]) -> dict[str, Placed]:
    people = {p.id for p in order_file.people} | {o.person_id for o in order_file.orders}
    people |= {a.person_id for a in order_file.activations}
    if isinstance(begin_us, int):
        new = {person: Placed(begin_us) for person in people}
    else:
        new = {person: Placed(begin_us[person]) for person in people}
    for order in order_file.orders:
        new[order.person_id].orders.append(order)
    for activation in order_file.activations:
        placed = new[activation.person_id]
        placed.activations.append(activation)
        placed.wearings.append(Wearing.of(activation))
    for placed in new.values():
        placed.wearings.sort(key=lambda w: (w.from_us, w.activation_id))
    return new
