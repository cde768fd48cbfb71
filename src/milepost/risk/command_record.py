"""`milepost risk record`: the record of an algorithm, written from what runs."""

from __future__ import annotations

from pathlib import Path

import click

from milepost.problems import UnreadableFile
from milepost.risk.command_output import FILE, OUT, refuse


@click.command()
@click.argument("key", required=False)
@click.option(
    "--kind", type=click.Choice(["atrs", "card", "dpia", "equality"]), default="atrs", show_default=True,
    help="Transparency record (ATRS), model card, or the appendix to a DPIA or an equality impact assessment.",
)  # fmt: skip
@click.option("--organisation", type=FILE, help="TOML file of your organisation's own facts.")
@click.option("--fairness", type=FILE, help="JSON of a fairness report on this algorithm.")
@click.option(
    "--rules", type=click.Path(exists=True, path_type=Path),
    help="Rule tables in force; the illustrative ones if not given.",
)  # fmt: skip
@click.option(
    "--out", "outputs", type=OUT, multiple=True,
    help="Markdown, HTML or JSON, by suffix (.md, .html, .json). May be repeated.",
)  # fmt: skip
@click.pass_context
def record(
    ctx: click.Context, key: str | None, kind: str, organisation: Path | None, fairness: Path | None,
    rules: Path | None, outputs: tuple[Path, ...],
) -> None:  # fmt: skip
    """Write the record of the algorithm KEY from what runs. Without KEY: list the algorithms.

    What code and data cannot know is left as a gap that says who must fill it.
    """
    from milepost.risk.records import record_for, subject_keys
    from milepost.risk.records.fairness_lines import read_fairness
    from milepost.risk.records.make import attributes
    from milepost.risk.records.markdown import markdown
    from milepost.risk.records.organisation import read_organisation
    from milepost.risk.records.page import page
    from milepost.risk.records.subjects import UnknownSubject, facts_of

    try:
        if ctx.obj is not None:
            ctx.obj(rules)
        if key is None:
            for one in subject_keys():
                click.echo(f"{one:40} {facts_of(one).name}")
            return
        own = read_organisation(organisation, key, attributes()) if organisation else None
        made = record_for(key, kind, organisation=own, fairness=read_fairness(fairness) if fairness else None)
    except UnknownSubject as error:
        refuse(str(error))
    except UnreadableFile as error:
        refuse(str(error))
    writers = {".md": lambda: markdown(made), ".html": lambda: page(made), ".json": made.to_json}
    for path in outputs:
        if path.suffix.lower() not in writers:
            refuse(f"{path.name}: the suffix must be .md, .html or .json.")
    if not outputs:
        click.echo(markdown(made), nl=False)
    for path in outputs:
        path.write_text(writers[path.suffix.lower()](), encoding="utf-8")
        click.echo(f"{made.title}: written to {path}", err=True)
    must = sum(gap.mandatory for gap in made.gaps)
    click.echo(f"{len(made.gaps)} gaps, {must} of them mandatory.", err=True)
