"""Today's work: who needs me, why, by when; and the team's workload."""
