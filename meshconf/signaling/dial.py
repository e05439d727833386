"""Connects to a rendezvous by WebSocket, and puts what goes wrong into sentences. Runs on the event loop."""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from meshconf.errors import NoSuchMeeting, Refused, RendezvousUnreachable
from rendezvous import messages

_PING_S = 20.0
_CLOSE_TIMEOUT_S = 1.0

_REFUSALS = {
    "taken": "That meeting name belongs to somebody else on this rendezvous; start the meeting anew.",
    "full": "Too many people are waiting at this meeting; try again in a minute.",
    "limit": "The rendezvous has had too many requests from your address; try again in a minute.",
    "idle": "Nobody has let you in.",
    "expired": "The meeting is too old for this rendezvous; start it anew.",
}


async def dial(url: str) -> ClientConnection:
    """Connect to what should be a rendezvous; the caller sets the time limit.

    Raises:
        RendezvousUnreachable: Nothing that speaks our protocol answers there.
        Refused: It has had too many connections from here.
    """
    try:
        connection = await connect(
            url,
            subprotocols=[Subprotocol(messages.SUBPROTOCOL)],
            compression=None,
            max_size=messages.MAX_FRAME,
            open_timeout=None,
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            close_timeout=_CLOSE_TIMEOUT_S,
            user_agent_header=None,
            proxy=None if _is_near(url) else True,
        )
    except (InvalidURI, ValueError):  # ValueError: urllib on broken brackets or ports
        raise RendezvousUnreachable(f"{url!r} is not the address of a rendezvous; it looks like wss://host.") from None
    except InvalidStatus as error:
        if error.response.status_code == 429:
            raise Refused(_REFUSALS["limit"], reason="limit") from None
        raise RendezvousUnreachable(f"What answers at {url} is not a rendezvous.") from error
    except InvalidHandshake as error:
        raise RendezvousUnreachable(f"What answers at {url} is not a rendezvous of this version.") from error
    except ssl.SSLCertVerificationError as error:
        raise RendezvousUnreachable(f"The certificate of {url} is not valid: {error.verify_message}.") from error
    except (OSError, ImportError) as error:  # ImportError: a SOCKS proxy is configured, its library is missing
        raise RendezvousUnreachable(f"The rendezvous {url} cannot be reached: {error}.") from error
    if connection.subprotocol != messages.SUBPROTOCOL:
        connection.transport.abort()
        raise RendezvousUnreachable(f"What answers at {url} is not a rendezvous of this version.")
    return connection


def refusal(failed: messages.Failed) -> NoSuchMeeting | Refused:
    """The server's refusal as an error in our own words; its own never reach a terminal."""
    if failed.code == "no-such-meeting":
        return NoSuchMeeting()
    if failed.code in _REFUSALS:
        return Refused(_REFUSALS[failed.code], reason=failed.code)
    return Refused("The rendezvous refuses; it may be of another version.", reason="malformed")


def _is_near(url: str) -> bool:
    """Whether the host is on this machine or LAN, where a proxy of the environment must not be asked."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_private
    except ValueError:
        return False
