"""Models from plain to strong. Each is fitted by a library and kept as plain numbers that NumPy alone can score."""
