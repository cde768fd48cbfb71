"""The service as a WSGI application: the processes that ``milepost serve`` starts run it in their threads."""

import os

from django.core.wsgi import get_wsgi_application

from milepost.service.kit.files import keep_to_ourselves

keep_to_ourselves()  # also where another server than ours starts it
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "milepost.service.settings")
application = get_wsgi_application()
