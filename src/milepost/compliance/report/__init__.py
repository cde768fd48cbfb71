"""The compliance report: one HTML file that needs nothing else."""

from milepost.compliance.report.page import write_report

__all__ = ["write_report"]
