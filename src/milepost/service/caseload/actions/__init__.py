"""The only door to change anything here: who acts is named, and each change is in the audit log."""
