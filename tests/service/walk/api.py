from __future__ import annotations

from milepost.service.accounts.roles import Role
from milepost.service.api.actions.tokens import make_token
from milepost.service.api.models import Webhook, WebhookDelivery
from milepost.service.api.webhooks.sealing import seal
from tests.service.api.cases import FILES
from tests.service.walk.cases import View
from tests.service.world import World

ADMIN = [Role.ADMINISTRATOR]


def token(world: World) -> dict[str, int]:
    """The administrator's own, whom everybody else may not even see."""
    made, _whole = make_token(by=world.users[Role.ADMINISTRATOR], name="Mine", scopes=[], days=7)
    return {"pk": made.pk}


def webhook(world: World) -> dict[str, int]:
    made = Webhook.objects.create(
        name="Other system", url="https://example.org/hook", events=["device.fitted"], sealed_secret=seal("s"),
        by=world.users[Role.ADMINISTRATOR],
    )  # fmt: skip
    return {"pk": made.pk}


def paused(world: World) -> dict[str, int]:
    found = webhook(world)
    Webhook.objects.filter(**found).update(is_active=False)
    return found


def given_up(world: World) -> dict[str, int]:
    made = WebhookDelivery.objects.create(
        webhook_id=webhook(world)["pk"], event="device.fitted", body={}, state="given_up"
    )
    return {"pk": made.pk}


def some_tokens(world: World) -> dict[str, int]:
    more_tokens(world)
    return {}


def more_tokens(world: World) -> None:
    for i in range(5):
        make_token(by=world.users[next(iter(Role))], name=f"Token {i}", scopes=[], days=7)


def more_webhooks(world: World) -> None:
    for _ in range(5):
        given_up(world)


VIEWS = {name: View(own_tests=file) for name, file in FILES.items()} | {
    "api:docs": View(right=list(Role)),
    "api:openapi": View(right=list(Role)),
    "api:tokens": View(right=list(Role), args=some_tokens, more=more_tokens),
    "api:token-new": View(right=list(Role)),
    "api:token-revoke": View(right=ADMIN, args=token),
    "api:webhooks": View(right=ADMIN, more=more_webhooks),
    "api:webhook-new": View(right=ADMIN),
    "api:webhook": View(right=ADMIN, args=webhook, more=more_webhooks),
    "api:webhook-pause": View(right=ADMIN, args=webhook, method="post", status=302),
    "api:webhook-resume": View(right=ADMIN, args=paused, method="post", status=302),
    "api:webhook-remove": View(right=ADMIN, args=webhook),
    "api:webhook-send-again": View(right=ADMIN, args=given_up, method="post", status=302),
}
