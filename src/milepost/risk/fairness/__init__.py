"""Whether scores, alerts and decisions treat groups alike, with how sure one can be.

    from milepost.risk.fairness import check, read_table
    table, problems = read_table(frame)
    report = check(table, title="Alerts of one week")

Characteristics such as ethnicity come in here, and nowhere else: to audit a score, never to make one.
"""

from milepost.problems import UnreadableFile
from milepost.risk.fairness.check import check
from milepost.risk.fairness.result import FairnessReport
from milepost.risk.fairness.table import Table, read_table

__all__ = ["FairnessReport", "Table", "UnreadableFile", "check", "read_table"]
