"""What happened to people later, taken in from a file, to judge scores by. In numbers of people, never one person."""
