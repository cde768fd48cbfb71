"""Scores, rules and predictors in use: records, fairness, drift. In numbers of people, never one person."""
