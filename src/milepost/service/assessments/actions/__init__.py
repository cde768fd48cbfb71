"""The only door to change assessments: who acts is named, and each change is in the audit log."""
