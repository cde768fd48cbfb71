"""The only door to change what this app keeps: keyword-only, ``by=`` required, audited in the same transaction."""
