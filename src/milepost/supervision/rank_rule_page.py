"""The page docs/explanation/who-comes-first.md, from the rule (``python -m milepost.supervision.rank_rule_page``)."""

from __future__ import annotations

from milepost.supervision.rank_rule import Kind, RankRule, rank_rule

ABOVE = """\
# Who comes first today

This page is made from `milepost/supervision/rank_rule.toml`, the rule `{name}`. It holds from {since}.
Owner: {owner}. **{standing}**

Source: {source}

## The order

1. **Urgency class.** An event or a deadline sets it, and nothing else. The most pressing reason of a person counts.
2. **Time left**, to the minute. What has no time set comes last in its class.
3. **Tier**, only among people who are still level. A tier that is not known counts as {unknown}: nobody has looked, so
   nobody knows that it is low.
4. Who has waited longer; then the reference, so that the list never shuffles by itself.

No score puts anybody on the list, and no tier does. Somebody of the highest tier about whom nothing happened and
nothing is due is not on it. A second reason never moves a person down. Race, religion, disability and sexuality are
not read. The list decides nothing: it says where to look first.

## The classes
"""


def page(rule: RankRule) -> str:
    """The whole page, Markdown."""
    head = rule.table
    lines = [
        ABOVE.format(
            name=head.name,
            since=f"{head.effective_from:%d %B %Y}".lstrip("0"),
            owner=head.owner,
            source=head.source_document,
            unknown=rule.tier.unknown_as,
            standing="An illustration, not policy." if head.illustrative else "In force.",
        ),
        "| Class | Means |",
        "|---|---|",
        *(f"| {c.title} | {c.means} |" for c in rule.classes),
        "",
        "## What puts somebody on the list",
        "",
        "| Reason | Set by | Class | Why |",
        "|---|---|---|---|",
        *(f"| {k.title} | {k.set_by} | {_classes(k, rule)} | {k.why} |" for k in rule.kinds),
        "",
    ]
    return "\n".join(lines)


def hours_words(hours: float) -> str:
    """ "its time has passed", "4 hours or less are left", "14 days or less are left"."""
    if hours <= 0:
        return "its time has passed"
    if hours > 48 and hours % 24 == 0:
        return f"{hours / 24:g} days or less are left"
    return f"{hours:g} hours or less are left"


def _classes(kind: Kind, rule: RankRule) -> str:
    titles = {c.code: c.title for c in rule.classes}
    first = [titles[kind.urgency]] if kind.urgency else []
    steps = [f"{titles[s.urgency]} when {hours_words(s.left_hours)}" for s in kind.due]
    return "; ".join(first + steps)


if __name__ == "__main__":
    print(page(rank_rule()), end="")  # noqa: T201 - this is what it is for
