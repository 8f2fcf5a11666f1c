"""The ways to the company's model: what each of its servers would be sent, and how its answer comes back. Pure.

Enters: the company's models, those that the policy names, and a request ready to leave. Leaves: at least one way, in
the order of the settings, or an error; another place to go there never is. Bodies are told anew for each protocol and
each name under which a server has the model.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from proxy.adapters.interface import Adapter
from proxy.errors import InternalModelError, SluiceError, Untranslatable, WireError
from proxy.exchange import Redirect
from proxy.internal.models import InternalModels
from proxy.internal.translate import Translation, translation_for
from proxy.route import redirect


@dataclass(frozen=True, slots=True)
class Way:
    """How an exchange goes to one server, and its answer back."""

    outcome: Redirect
    translation: Translation


def ways_to(models: InternalModels, named: Iterable[str], asked: str, adapter: Adapter, body: bytes) -> tuple[Way, ...]:
    """Return the ways for a client of `adapter` that asked for the model `asked`, where policy `named` some.

    Raises `InternalModelError` where no server has the model, and `Untranslatable` where none can be told the request.
    """
    ways: list[Way] = []
    told: dict[tuple[str, str], bytes] = {}
    hindrance: SluiceError = Untranslatable("this kind of request cannot be carried to the company's model")
    for server in models.servers[models.model_for(named, asked)]:
        translation = translation_for(adapter, server.speaks)
        if translation is None:
            continue
        try:
            served = server.model_for(asked)
            if (translation.path, served) not in told:
                told[translation.path, served] = translation.request(body, served)
        except InternalModelError as error:
            hindrance = error
            continue
        except WireError as error:  # the body was read before: what is wrong is that this server cannot be told it
            hindrance = Untranslatable(str(error))
            continue
        ways.append(Way(redirect(server, translation.path, served, told[translation.path, served]), translation))
    if not ways:
        raise hindrance
    return tuple(ways)
