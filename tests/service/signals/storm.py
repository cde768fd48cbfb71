"""Run by test_ingest_file_database.py in a process of its own: the storm of test_group_commit on a database file."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.service.settings")
import django

django.setup()
from django.core.management import call_command  # noqa: E402

from tests.service.signals.test_group_commit import _storm  # noqa: E402

call_command("migrate", verbosity=0)
_storm()
