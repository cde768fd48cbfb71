"""The door for gunicorn: ``milepost serve`` uses it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "milepost.service.settings")
application = get_wsgi_application()
