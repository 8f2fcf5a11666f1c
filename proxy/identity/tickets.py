"""Kerberos tickets by SPNEGO (RFC 4559), through pyspnego and the system's own Kerberos.

Enters: the tokens of one connection. Leaves: the person's name once the exchange is complete, or a token to send back.
What ends in NTLM gives no name: it proves less than a password. Where the libraries are not there, the settings are
refused with what to install.
"""

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from proxy.caller import clean_name
from proxy.errors import SettingsError
from proxy.identity.interface import Tickets

type Open = Callable[[], Any]
"""Makes the acceptor's side of an exchange, as `spnego.server` does."""


@dataclass(slots=True)
class Exchange:
    """The exchange of one connection."""

    context: Any = field(repr=False)
    only: str = "kerberos"
    """What must have been spoken, whatever the client proposed."""

    def step(self, token: bytes) -> tuple[str, bytes]:
        """Return the name where the exchange is complete, and the token to send back; raises `ValueError`."""
        try:
            answer = self.context.step(token)
            if not self.context.complete:
                if not answer:
                    raise ValueError("the ticket does not hold")
                return "", answer
            if self.context.negotiated_protocol != self.only:
                raise ValueError("the ticket does not hold")
            return person_of(str(self.context.client_principal or "")), answer or b""
        except ValueError:
            raise
        except Exception as error:  # pyspnego and GSSAPI raise many kinds, with words of the client's in them
            raise ValueError("the ticket does not hold") from error


def person_of(principal: str) -> str:
    """Return the name of a principal without its realm; one with an instance (`host/a`) is no person."""
    name, _, _realm = principal.rpartition("@")
    name = name or principal
    return "" if "/" in name else clean_name(name)


def acceptor_of(tickets: Tickets) -> Open:
    """Return what accepts tickets; raises `SettingsError` where it cannot."""
    try:
        if any(importlib.util.find_spec(name) is None for name in ("gssapi", "krb5")):
            raise ImportError  # pyspnego asks for both, and would fall back to NTLM
        import spnego
    except ImportError:
        raise SettingsError(
            "identity.kerberos needs pyspnego and the system's Kerberos: pip install 'sluice[kerberos]' "
            "(Debian: apt-get install libkrb5-dev gcc first)"
        ) from None
    if tickets.keytab is not None:
        if not tickets.keytab.is_file():
            raise SettingsError(
                f"identity.kerberos: the keytab {tickets.keytab} cannot be read",
                f"identity.kerberos：无法读取 keytab {tickets.keytab}",
            )
        os.environ["KRB5_KTNAME"] = str(tickets.keytab)  # the one way in which GSSAPI is told

    def acceptor() -> Any:
        # browsers and curl wrap their tickets in SPNEGO, which alone offers more than one protocol
        return spnego.server(tickets.host, tickets.service, protocol="negotiate")

    return acceptor
