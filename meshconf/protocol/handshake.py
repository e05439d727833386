"""The first contact: joiner and doorman show each other that they know the invite, and who they are. Sans I/O.

Four frames: Hello and Reply exchange keys, Proof and Welcome confirm them and carry both identities, sealed. The joiner
confirms first, so that whoever guesses must let the doorman see the guess. Each confirmation is an HMAC over all frames
so far and is checked before anything is decrypted: a box alone could be made to open under many guesses at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from meshconf.errors import LocalProtocolError, ProtocolError, WrongCode
from meshconf.protocol.handshake_frames import (
    VERSION,
    Frame,
    Hello,
    OtherVersion,
    Proof,
    Refuse,
    Reply,
    Welcome,
    decode_frame,
    encode_frame,
    of_type,
)
from meshconf.protocol.identity import Identity, verify
from meshconf.protocol.invite import Code, Link, new_code, new_link, room_name
from meshconf.protocol.key_exchange import begin_exchange
from meshconf.protocol.sealing import SealedChannel, Side
from meshconf.protocol.transcript import Keys, Transcript


class Joiner:
    """The side that comes with an invite. One object, one attempt.

    Args:
        invite: what the person was given.
        identity: who we are.
        entropy: source of random bytes fit for keys.
    """

    def __init__(self, invite: Code | Link, identity: Identity, entropy: Callable[[int], bytes]) -> None:
        self._room = room_name(invite)
        self._identity = identity
        self._exchange = begin_exchange(invite, self._room, "joiner", entropy)
        self._transcript = Transcript(self._room)
        self._keys: Keys | None = None
        self._expected: type[Frame] | None = None
        self.channel: SealedChannel | None = None
        """The way to talk to the doorman, once the handshake is through."""
        self.peer_public: bytes | None = None
        """Public key of the doorman, once proved."""

    def hello(self) -> bytes:
        """Return the first frame.

        Raises:
            LocalProtocolError: it was asked for twice.
        """
        if self._transcript.frames:
            raise LocalProtocolError("A joiner says hello once.")
        self._expected = Reply
        return self._transcript.add(encode_frame(Hello(VERSION, self._room, self._exchange.message)))

    def receive(self, frame: bytes) -> list[bytes]:
        """Take a frame of the doorman and return those to send back.

        Raises:
            WrongCode: the doorman does not know our invite, or says that we do not know theirs. Whoever carries the
                frames can say so too, which only keeps us out.
            ProtocolError: the frame is malformed or out of place.
        """
        expected, self._expected = self._expected, None  # whatever raises below ends the attempt
        message = decode_frame(frame)
        if isinstance(message, Refuse):
            _raise_refusal(message)
        if expected is Reply:
            reply = of_type(Reply, message)
            self._transcript.add(frame)
            self._keys = self._transcript.keys(self._exchange, reply.exchange)
            own = self._identity.public
            signature = self._identity.sign(_statement("joiner", self._transcript.digest(), own, b""))
            box, confirmation = self._keys.present("joiner", own + signature, self._transcript.digest())
            self._expected = Welcome
            return [self._transcript.add(encode_frame(Proof(VERSION, box, confirmation)))]
        if expected is Welcome and self._keys is not None:
            welcome = of_type(Welcome, message)
            digest = self._transcript.digest()
            public, signature = self._keys.examine("doorman", welcome.box, welcome.confirmation, digest)
            if not verify(public, signature, _statement("doorman", digest, public, self._identity.public)):
                raise ProtocolError("The other side could not prove who they are.")
            self._transcript.add(frame)
            self.channel = self._keys.channel(self._transcript, self._identity.public, public, "joiner")
            self.peer_public = public
            return []
        raise ProtocolError("A handshake frame arrived out of place.")


class Doorman:
    """The side that lets people in. One object per joiner and attempt.

    A joiner who names a meeting that is not here is taken through the whole handshake and then told that the code is
    wrong, as for a wrong guess: nobody learns which meetings exist.

    Args:
        invites: those that are good at the moment; the joiner's hello names one by its room.
        identity: who we are.
        entropy: source of random bytes fit for keys.
    """

    def __init__(self, invites: Sequence[Code | Link], identity: Identity, entropy: Callable[[int], bytes]) -> None:
        self._invites = {room_name(invite): invite for invite in invites}
        self._identity = identity
        self._entropy = entropy
        self._transcript: Transcript | None = None
        self._keys: Keys | None = None
        self._expected: type[Frame] | None = Hello
        self.kind: Literal["code", "link"] | None = None
        """What the joiner says to have, once the hello is here."""
        self.invite: Code | Link | None = None
        """The invite that the hello named, if it is one of ours."""
        self.refusal: bytes | None = None
        """Frame to send to the joiner after `receive` has raised."""
        self.channel: SealedChannel | None = None
        """The way to talk to the joiner, once the handshake is through."""
        self.peer_public: bytes | None = None
        """Public key of the joiner, once proved."""

    def receive(self, frame: bytes) -> list[bytes]:
        """Take a frame of the joiner and return those to send back.

        Raises:
            WrongCode: a wrong guess, to be counted; send `refusal`.
            ProtocolError: the frame is malformed or out of place; send `refusal`.
        """
        expected, self._expected = self._expected, None  # whatever raises below ends the attempt
        reason: Literal["wrong-code", "version", "protocol"] = "protocol"
        try:
            message = decode_frame(frame)
            if expected is Hello:
                return self._greet(of_type(Hello, message), frame)
            if expected is Proof:
                return self._admit(of_type(Proof, message), frame)
            raise ProtocolError("A handshake frame arrived out of place.")
        except WrongCode:
            reason = "wrong-code"
            raise
        except OtherVersion:
            reason = "version"
            raise
        finally:
            failed = self._expected is None and self.channel is None
            self.refusal = encode_frame(Refuse(VERSION, reason)) if failed else None

    def _greet(self, hello: Hello, frame: bytes) -> list[bytes]:
        self.kind = "link" if hello.room.startswith("l-") else "code"
        self.invite = self._invites.get(hello.room)
        invite = self.invite or _decoy(self.kind, self._entropy)
        self._transcript = Transcript(hello.room)
        self._transcript.add(frame)
        exchange = begin_exchange(invite, hello.room, "doorman", self._entropy)
        reply = self._transcript.add(encode_frame(Reply(VERSION, exchange.message)))
        self._keys = self._transcript.keys(exchange, hello.exchange)
        self._expected = Proof
        return [reply]

    def _admit(self, proof: Proof, frame: bytes) -> list[bytes]:
        assert self._transcript is not None and self._keys is not None  # `_greet` went before
        digest = self._transcript.digest()
        public, signature = self._keys.examine("joiner", proof.box, proof.confirmation, digest)
        if self.invite is None:
            raise WrongCode  # the decoy was guessed, which opens nothing
        if not verify(public, signature, _statement("joiner", digest, public, b"")):
            raise ProtocolError("The other side could not prove who they are.")
        self._transcript.add(frame)
        digest = self._transcript.digest()
        own = self._identity.public
        box, confirmation = self._keys.present(
            "doorman", own + self._identity.sign(_statement("doorman", digest, own, public)), digest
        )
        welcome = self._transcript.add(encode_frame(Welcome(VERSION, box, confirmation)))
        self.channel = self._keys.channel(self._transcript, public, own, "doorman")
        self.peer_public = public
        return [welcome]


def _statement(side: Side, digest: bytes, own: bytes, other: bytes) -> bytes:
    return f"meshconf handshake identity of {side}\0".encode() + digest + own + other


def _decoy(kind: Literal["code", "link"], entropy: Callable[[int], bytes]) -> Code | Link:
    return new_link(entropy) if kind == "link" else new_code(1, entropy)


def _raise_refusal(refusal: Refuse) -> None:
    match refusal.reason:
        case "wrong-code":
            raise WrongCode
        case "version":
            raise OtherVersion
        case "protocol":
            raise ProtocolError("The other side refused the handshake as malformed.")
