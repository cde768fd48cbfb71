"""The pages of the alert board, by subject."""
