"""Fairness of what this service itself has recorded: rows of scores, alerts and decisions, checked by the library."""
