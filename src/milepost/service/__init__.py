"""The service: a Django project whose apps are thin and call the rooms downstairs.

Apps, lowest first; an app imports only those before it (import-linter holds it to that):
``audit`` who looked at or changed what; ``accounts`` who may come in and as what; ``web`` how a page looks;
``people`` persons on probation or on tag; ``orders`` what was ordered and which device is on whom;
``signals`` what tags report; ``maps``; ``monitoring`` findings, incidents, decisions, the board;
``person_page`` one person's whole picture; ``api``; ``upkeep`` retention, erasure, backup; ``demo``.

In each app: ``models.py`` (what is kept), ``permissions`` (who, in ``accounts.roles``), ``policies.py`` (in
which state), ``actions.py`` (the only door to change state), ``views.py``, ``urls.py``.
"""
