"""What was ordered: conditions, schedules, zones, versions, statutory limits, importers."""
