"""Posting to an https address that the settings name, under the same rules as webhooks: to no machine inside."""

from __future__ import annotations

import requests

from milepost.service.api.webhooks.addresses import BadAddress, check_address
from milepost.service.api.webhooks.sending import ToTheCheckedAddress, short_reason

WAIT_S = (5.0, 10.0)
"""For the connection, and for the answer."""


class NotPosted(Exception):
    """It was not taken. The text says why."""


def post(url: str, body: bytes) -> None:
    """One attempt. Follows no redirect, keeps nothing of the answer but its status.

    Raises:
        NotPosted: the address may not be sent to, does not answer, or answers that it did not take it.
    """
    try:
        target = check_address(url)
        with requests.Session() as session:
            session.trust_env = False  # no proxy, no .netrc: straight to the address that was checked
            session.mount("https://", ToTheCheckedAddress(target.host))
            headers = {
                "Host": target.host_header, "Content-Type": "application/json", "User-Agent": "milepost-checkpoints"
            }  # fmt: skip
            with session.post(
                target.url, data=body, headers=headers, timeout=WAIT_S, allow_redirects=False, stream=True
            ) as answer:
                status = answer.status_code
    except BadAddress as error:
        raise NotPosted(str(error)) from None
    except requests.RequestException as error:
        raise NotPosted(short_reason(error)) from None
    if not 200 <= status < 300:
        raise NotPosted(f"answered {status}")
