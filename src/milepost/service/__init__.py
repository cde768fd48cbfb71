"""The service: a Django project whose apps are thin and call the rooms downstairs.

The apps in their order, and what each is, are on the map of the rooms (docs/explanation/map-of-rooms.md), which is made
from the contracts; import-linter holds each app to those below it.

In each app: ``models.py`` (what is kept), ``policies.py`` (in which state; who is in ``accounts.roles``), ``actions.py``
(the only door to change state), ``views.py``, ``urls.py``, and ``capability.py`` (what it adds to the service).
"""
