"""What keeps the service well: backup and restore, retention, erasure of one person, the timer, the status page."""
