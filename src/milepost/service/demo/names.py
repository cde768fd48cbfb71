"""Names that nobody can take for a real person's: a plant or a bird, and a word that says it is made up."""

from __future__ import annotations

GIVEN = (
    "Alder", "Aspen", "Bramble", "Briar", "Cedar", "Clover", "Coral", "Dove", "Elder", "Fern", "Finch", "Hazel",
    "Heather", "Ivy", "Jasmine", "Juniper", "Lark", "Laurel", "Linnet", "Marigold", "Martin", "Merle", "Myrtle",
    "Olive", "Poppy", "Robin", "Rowan", "Sage", "Sorrel", "Violet", "Willow", "Wren",
)  # fmt: skip
FAMILY = (
    "Madeup", "Notreal", "Invented", "Fictional", "Pretend", "Imagined", "Example", "Storybook", "Makebelieve",
    "Nobody", "Nowhere", "Placeholder", "Sample", "Synthetic", "Testcase", "Untrue", "Unreal",
)  # fmt: skip
TEAMS = (
    ("North Quay (synthetic)", "Nowhere-on-Sea"),
    ("Old Harbour (synthetic)", "Nowhere-on-Sea"),
    ("Bridge Street (synthetic)", "Nowhere-on-Sea"),
)
CENTRE = ("Monitoring centre (synthetic)", "Anywhere")


def name_of(number: int) -> str:
    """Different for every number up to 544 (32 x 17 have no common divisor), and numbered from there on."""
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number % len(FAMILY)]
    again = number // (len(GIVEN) * len(FAMILY))
    return f"{given} {family}" + (f" {again + 1}" if again else "")
