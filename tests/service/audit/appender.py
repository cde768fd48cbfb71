"""One of several processes that append to one log: ``python -m tests.service.audit.appender <name> <count>``.

With "migrate" as name it makes the tables; prints entries a second.
"""

from __future__ import annotations

import os
import sys
import time

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.service.settings"


def main(name: str, count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from milepost.service.audit.operations import Operation
    from milepost.service.audit.record import write

    if name == "migrate":
        call_command("migrate", "audit", verbosity=0)
        return
    began = time.perf_counter()
    for i in range(count):
        with transaction.atomic():
            write(by=None, operation=Operation.ALTERATION, what="sign_in", details={"by": name, "n": i})
    sys.stdout.write(f"{count / (time.perf_counter() - began):.0f}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
