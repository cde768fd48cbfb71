"""Pages of signing in, of one's own account, of users and teams."""
