"""How hard the pages of staff are to read: the Flesch-Kincaid grade of each app's sentences.

    python tools/reading.py     prints a table: app, sentences, words, grade; the hardest sentences after it

Grade 9 is a reading age of about 14. The formula is `milepost.risk.needs.readability`. Single words and headings of
fewer than four words are left out: the formula is about sentences.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

from babel.messages.extract import extract_from_dir

sys.path.insert(0, str(Path(__file__).parent))
import messages

from milepost.risk.needs.readability import grade

SHORTEST = 4
"""Words of a sentence that is measured."""
SHOWN = 5


def by_app() -> dict[str, list[str]]:
    """Sentences of each app of the service, in the order of the source; places for figures are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for file, _, message, _, _ in extract_from_dir(
        messages.SERVICE, messages.METHODS, messages.OPTIONS, keywords=messages.KEYWORDS
    ):
        text = message if isinstance(message, str) else message[0]
        plain = re.sub(r"%\(\w+\)[sd.0-9f]*|\{\w*\}", "it", text).strip()
        if len(plain.split()) >= SHORTEST:
            found[file.split("/")[0]].append(plain if plain[-1] in ".?!:" else plain + ".")
    return found


def main() -> int:
    apps = by_app()
    lines = ["| App | Sentences | Words | Grade |", "|---|---|---|---|"]
    for app, texts in sorted(apps.items()):
        whole = " ".join(texts)
        lines.append(f"| {app} | {len(texts)} | {len(whole.split())} | {grade(whole):.1f} |")
    everything = [text for texts in apps.values() for text in texts]
    joined = " ".join(everything)
    lines.append(f"| all | {len(everything)} | {len(joined.split())} | {grade(joined):.1f} |")
    hardest = sorted(set(everything), key=grade, reverse=True)[:SHOWN]
    sys.stdout.write(
        "\n".join([*lines, "", "Hardest:", *(f"{grade(one):.1f}: {one}" for one in hardest)]) + "\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
