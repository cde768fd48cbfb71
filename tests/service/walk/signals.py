from __future__ import annotations

from tests.service.walk.cases import View

_DOOR = {"own_tests": "signals/test_ingest.py", "anonymous_status": 401}
VIEWS = {
    "ingest:osmand": View(**_DOOR),
    "ingest:owntracks": View(**_DOOR),
    "ingest:traccar": View(**_DOOR),
    "ingest:ndjson": View(**_DOOR),
    "ingest:arrow": View(**_DOOR),
}
