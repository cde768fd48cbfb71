"""Pages of orders, devices and absences, by subject."""
