"""The web application: thin Django apps over the library. Nothing in the library imports it."""
