"""The service's own settings, as the tests start it: demo mode, so that its pages are walked too."""

import os
import tempfile

os.environ.setdefault("MILEPOST_DEMO", "yes")
os.environ.setdefault("MILEPOST_DATA", tempfile.mkdtemp(prefix="milepost-test-"))
os.environ.setdefault("MILEPOST_LOG_LEVEL", "ERROR")
from milepost.service.settings import *  # noqa: F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # hashing is slow by design; tests sign in often
NAMING_FAILS = True
