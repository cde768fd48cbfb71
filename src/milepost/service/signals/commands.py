"""`milepost mqtt`: takes in what phones and tags publish to an MQTT broker."""

from __future__ import annotations

import signal
from types import FrameType

import click

from milepost.service.commands import set_up
from milepost.service.supervise import watch_parent


@click.command()
@click.option(
    "--url", envvar="MILEPOST_MQTT_URL", required=True, help="The broker, as mqtt://user:password@host:1883."
)
@click.option(
    "--client-id",
    default="milepost",
    show_default=True,
    help="The broker keeps under it what arrives while this is away.",
)
def mqtt(url: str, client_id: str) -> None:
    """Takes in OwnTracks messages from an MQTT broker; each is acknowledged when it is durable.

    Run one for each client id. It reconnects by itself; the broker keeps what arrives meanwhile.
    """
    set_up()
    watch_parent()
    from milepost.service.signals.mqtt import Subscriber, UnusableUrl

    try:
        subscriber = Subscriber(url, client_id=client_id)
    except UnusableUrl as error:
        raise click.BadParameter(str(error), param_hint="--url") from None

    def stop(_number: int, _frame: FrameType | None) -> None:
        subscriber.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    subscriber.run()
