"""The only door to change a person's record: who acts is named, and each change is in the audit log."""
