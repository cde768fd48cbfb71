"""The only door to change tokens and webhooks: keyword-only, ``by=`` required, audited in the same transaction."""
