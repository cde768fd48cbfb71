"""The typed API, its tokens, and webhooks."""
