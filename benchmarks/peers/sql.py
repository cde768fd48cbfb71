"""The work as SQL: one text for the engines that speak it. Only the sides differ by dialect.

Both kinds of duty share their two window passes over the fixes; a query that sorts all rows for each
takes several times as long.
"""

from __future__ import annotations

from benchmarks.intervals import ABSENCE, ZONE_ENTRY


def intervals_sql(sides: str, *, before: str = "") -> str:
    """A query of rows of ``intervals.SCHEMA``, unsorted.

    Args:
        sides: a relation (device, t, out, entered): each fix with its breach sides; t microseconds UTC.
        before: common table expressions that ``sides`` needs, each followed by a comma.
    """

    def groups(name: str) -> str:
        # Runs of two fixes or more, numbered so that runs with no kept run between them share g.
        return f"""
        {name}_groups AS (
            SELECT device, first_us, last_us, g FROM (
                SELECT device, side, first_us, last_us,
                       sum(changed) OVER (PARTITION BY device ORDER BY first_us ROWS UNBOUNDED PRECEDING) AS g
                FROM (
                    SELECT *, CASE WHEN lag(side) OVER (PARTITION BY device ORDER BY first_us) = side
                              THEN 0 ELSE 1 END AS changed
                    FROM (
                        SELECT device, {name} AS side, min(t) AS first_us, max(t) AS last_us
                        FROM numbered GROUP BY device, {name}_run, {name} HAVING count(*) >= 2
                    ) AS runs
                ) AS marked_runs
            ) AS grouped WHERE side
        )"""

    return f"""
    WITH {before} sides AS ({sides}),
    marked AS (
        SELECT device, t, out, entered,
               CASE WHEN lag(out) OVER w = out THEN 0 ELSE 1 END AS out_changed,
               CASE WHEN lag(entered) OVER w = entered THEN 0 ELSE 1 END AS entered_changed
        FROM sides WINDOW w AS (PARTITION BY device ORDER BY t)
    ),
    numbered AS (
        SELECT device, t, out, entered,
               sum(out_changed) OVER w AS out_run, sum(entered_changed) OVER w AS entered_run
        FROM marked WINDOW w AS (PARTITION BY device ORDER BY t ROWS UNBOUNDED PRECEDING)
    ),{groups("out")},{groups("entered")}
    SELECT device, {ABSENCE} AS kind, w.start_us AS window_us,
           min(greatest(first_us, w.start_us)) AS start_us, max(least(last_us, w.end_us)) AS end_us
    FROM out_groups JOIN windows AS w USING (device)
    WHERE greatest(first_us, w.start_us) < least(last_us, w.end_us)
    GROUP BY device, w.start_us, g
    UNION ALL
    SELECT device, {ZONE_ENTRY}, 0, min(first_us), max(last_us) FROM entered_groups GROUP BY device, g
    """
