"""Predictors in shadow and in use are watched: reports, alarms, and what people answer to them."""
