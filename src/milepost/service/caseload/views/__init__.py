"""Pages of today's work."""
