"""The service as a WSGI application: the processes that ``milepost serve`` starts run it in their threads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "milepost.service.settings")
application = get_wsgi_application()
