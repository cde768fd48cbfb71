"""``python -m milepost``."""

from milepost.cli import main

main(prog_name="milepost")
