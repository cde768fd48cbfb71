"""From signals to decisions: engine workers, findings, incidents, the alert board, what people decided."""
