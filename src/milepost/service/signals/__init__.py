"""What tags, phones and home units report: taken in, kept before it is acknowledged, never changed."""
