"""Readers of signal formats, one module each. ``milepost.tracks.read`` picks the right one."""
