"""Synthetic people, towns and trails, with the truth kept beside them."""
