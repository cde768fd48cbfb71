"""Pages: the API described, tokens, webhooks."""
