"""One person's whole picture: now, the week, the trail, zones, orders, findings and decisions, devices, notes.

Nothing here decides or changes anything but the record of who asked for a trail and why. Numbers are worked out
from stored signals and approved orders each time; what costs much is kept in the cache under what it depends on.
"""
