"""The only doors to change a user, a team, or how somebody signs in. Each writes its entry in the audit log."""
