"""The errors that meshconf raises on purpose, each with a stable identifier, a sentence and an exit code.

An error that only one module raises stands there, below one of these; what no person is told, since it is caught nearby
(`Undecodable`, the decoder's `WireError`, the rendezvous's `Refusal`), is outside of the tree. The tree::

    MeshconfError                  internal           1
    ├── UsageError                 usage              2
    │   └── MalformedInvite        malformed-invite   2
    ├── NoSuchMeeting              no-such-meeting    3
    │   └── WrongCode              wrong-code         3
    ├── Refused                    refused            4   by the people, a rule or a limit; `reason` says which
    ├── NetworkError               network            5
    │   ├── RendezvousUnreachable  rendezvous         5
    │   └── SignalingLost          signaling-lost     5
    ├── DeviceError                device             6   with what mends it
    ├── LocalProtocolError         local-protocol     1   we misused our own core
    └── ProtocolError              protocol           1   the other side misbehaved
"""

from __future__ import annotations

from enum import StrEnum


class MeshconfError(Exception):
    """Base of all; `str()` is a sentence for the person at the keyboard."""

    code = "internal"
    exit_code = 1

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or (self.__doc__ or "").strip().splitlines()[0])


class UsageError(MeshconfError):
    """The command line does not make sense; see `meshconf --help`."""

    code = "usage"
    exit_code = 2


class MalformedInvite(UsageError):
    """That is neither a meeting code nor a meshconf link."""

    code = "malformed-invite"


class NoSuchMeeting(MeshconfError):
    """No meeting with that code is open; ask the host for the current one."""

    code = "no-such-meeting"
    exit_code = 3


class WrongCode(NoSuchMeeting):
    """The code is wrong, or was changed since; ask the host for the present one."""

    code = "wrong-code"


class Refused(MeshconfError):
    """The meeting does not allow that.

    `reason` says why in a stable word, such as locked, denied, removed, full, not-host, forbidden.
    """

    code = "refused"
    exit_code = 4

    def __init__(self, sentence: str = "", *, reason: str = "denied") -> None:
        super().__init__(sentence)
        self.reason = reason


class NetworkError(MeshconfError):
    """The network does not carry us to the meeting; `meshconf doctor` looks for the reason."""

    code = "network"
    exit_code = 5


class RendezvousUnreachable(NetworkError):
    """The rendezvous does not answer; check its address or your connection."""

    code = "rendezvous"


class SignalingLost(NetworkError):
    """The signaling connection is gone; the meeting itself goes on without it."""

    code = "signaling-lost"


class DeviceKind(StrEnum):
    """What people choose a device for."""

    MIC = "mic"
    SPEAKER = "speaker"
    CAMERA = "camera"
    SCREEN = "screen"


class Remedy(StrEnum):
    """What meshconf has to offer where a device is missing or refuses; each face says in its own words how to do it."""

    CHOOSE_ANOTHER = "choose-another"
    CHOOSE_LISTED = "choose-listed"
    """Another name, since nothing has this one."""
    CHOOSE_DEFAULT = "choose-default"
    """Any at all, since none is chosen."""
    CHOOSE_AREA = "choose-area"
    """A part of the display that is there."""
    SEND_TEST_TONE = "send-test-tone"
    SHOW_TEST_PICTURE = "show-test-picture"
    SHARE_FILE = "share-file"
    PLAY_NOWHERE = "play-nowhere"


class DeviceError(MeshconfError):
    """A device is missing or refuses to open; `fix` says what to install, plug in or permit."""

    code = "device"
    exit_code = 6

    def __init__(
        self, sentence: str = "", *, fix: str = "", kind: DeviceKind | None = None, remedy: Remedy | None = None
    ) -> None:
        """Say what is the matter.

        Args:
            sentence: what happened.
            fix: what to do about it outside of meshconf; the same in every face.
            kind: which kind of device `remedy` is about.
            remedy: what meshconf has to offer instead.
        """
        super().__init__(sentence)
        self.fix = fix
        self.kind = kind
        self.remedy = remedy


class LocalProtocolError(MeshconfError):
    """Our own code asked the protocol for something that its state does not allow."""

    code = "local-protocol"


class ProtocolError(MeshconfError):
    """The other side sent something that the protocol does not allow; its link is closed."""

    code = "protocol"
