"""Milepost: supervising people in the community and keeping prisons safe, with the evidence shown."""

__version__ = "0.1.0"
