"""Who may come in, and as what: users, teams, roles, permissions, sign-in."""
