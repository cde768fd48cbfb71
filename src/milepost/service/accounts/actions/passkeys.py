"""Adding and removing one's own passkeys."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from milepost.service.accounts import policies
from milepost.service.accounts.models import Passkey, SecondFactor, User
from milepost.service.accounts.passkeys import Added
from milepost.service.accounts.policy_data import limits
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.kit.refusals import Refused


@transaction.atomic
def add_passkey(*, by: User, name: str, added: Added) -> Passkey:
    """Keeps a passkey that proved itself.

    Raises:
        Refused: there are as many as may be, or somebody has this one already.
    """
    User.objects.select_for_update().get(pk=by.pk)  # two at the same moment are counted one after the other
    policies.check_can_add_passkey(Passkey.objects.filter(user=by).count(), limits().passkeys.at_most)
    try:
        with transaction.atomic():
            passkey = Passkey.objects.create(
                user=by, name=name, credential_id=added.credential_id, public_key=added.public_key,
                sign_count=added.sign_count,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(_("This passkey is known here already.")) from None
    write(by=by, operation=Operation.SIGN_IN, what="passkey.add", details={"passkey": passkey.pk})
    return passkey


@transaction.atomic
def remove_passkey(*, by: User, passkey: Passkey) -> None:
    """Raises ``Refused`` if it is the only second factor."""
    User.objects.select_for_update().get(pk=by.pk)
    others = Passkey.objects.filter(user=by).exclude(pk=passkey.pk).exists()
    policies.check_can_remove_passkey(passkey, by, SecondFactor.objects.filter(user=by).exists() or others)
    passkey_pk = passkey.pk
    passkey.delete()
    write(by=by, operation=Operation.SIGN_IN, what="passkey.remove", details={"passkey": passkey_pk})
