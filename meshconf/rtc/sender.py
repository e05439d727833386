"""Everything that leaves over one link: numbered, sealed and sent together, frame by frame, at the link's pace.

`submit` is called from the thread that encoded the frame, so that a frame on its way out never waits for the event
loop; what the pace holds back, retransmissions and reports leave from the loop. A lock keeps them apart.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable
from itertools import islice

from meshconf.media.congestion.estimator import LinkEstimator
from meshconf.media.send.pacer import Pacer
from meshconf.media.send.packets import Packets, patch
from meshconf.media.send.redundancy import Redundancy
from meshconf.media.send.waiting import WaitingPictures
from meshconf.rtc.datagrams import DatagramOutlet
from meshconf.rtc.outgoing import Outgoing, OutgoingStream
from meshconf.rtc.srtp import TRAILER, SealingBuffer, SrtpSender

LONGEST_WAIT = 0.25
"""Seconds of pictures that may wait for the pace of the link; beyond that a new picture is not worth sending.

The time that keyframes take is not counted: another one, for a picture dropped behind the first, would take it again.
"""

MENDED = 0.2
"""Seconds after which sound that was lost is not worth sending once more."""

SUPERSEDED = 0.1
"""Seconds of pictures that may wait before a keyframe that makes them useless."""

_BATCH = 40
"""Packets that are sealed in one go."""

_LARGEST = 1400
"""Bytes of the largest packet that we make, sealed."""


class LinkSender:
    """The sending half of one link, once its keys and its route are known.

    Args:
        srtp: Seals.
        outlet: Carries; closed with this.
        estimator: Told of each packet.
    """

    def __init__(self, srtp: SrtpSender, outlet: DatagramOutlet, estimator: LinkEstimator) -> None:
        self.octets = 0
        """Bytes that left, seals included."""
        self._srtp = srtp
        self._outlet = outlet
        self._estimator = estimator
        self._loop = asyncio.get_running_loop()
        self.lock = threading.Lock()
        """Held while anything of the streams or the estimator is read or changed."""
        self._buffer = SealingBuffer(_BATCH * _LARGEST + TRAILER)
        self._pacer = Pacer(time.monotonic())
        self._repeats: dict[tuple[int, int], tuple[OutgoingStream, Outgoing]] = {}
        """What waits to be sent again, by the stream's SSRC and the number that is missing, in its order."""
        self._waiting: WaitingPictures[OutgoingStream] = WaitingPictures()
        self._redundancy = Redundancy()
        self._sounds: dict[int, OutgoingStream] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._armed = False
        self._closed = False

    def submit(self, stream: OutgoingStream, packets: Packets) -> bool:
        """Send a frame, or as much of it as the pace allows now; from any thread.

        Returns:
            False when a picture was dropped, or its viewer waits for a keyframe: the source should make one.
        """
        with self.lock:
            if self._closed or not packets.packets:
                return True
            now = time.monotonic()
            if not stream.takes(packets):
                lost = stream.needs_keyframe(packets)
                stream.counters.dropped += lost
                return not lost or self._held(now)
            if stream.kind.is_audio:
                self._sounds[stream.ssrc] = stream
                self._send(stream, packets, 0, len(packets.packets), now)
                if again := stream.copies(self._redundancy.copies(self._estimator.unforced_loss)):
                    self._seal_and_send(again, stream.ssrc, now, copies=True)
                return True
            keyframe = packets.frame.keyframe
            if keyframe:
                self._supersede(stream, now)
            elif self._pacer.seconds_for(self._waiting.ahead(stream)) > LONGEST_WAIT:
                stream.counters.dropped += self._waiting.drop(stream) + 1
                stream.break_off()
                return self._held(now)
            self._waiting.add(stream, packets)
            if not self._armed:
                self._send_waiting(now)
            return True

    def again(self, stream: OutgoingStream, sequences: Iterable[int]) -> None:
        """Send packets again that the viewer misses, before any picture; what is too much it has to ask for again."""
        with self.lock:
            # A keyframe that waits makes all before it useless; its own packets that have left are asked for again.
            if self._closed or self._waiting.has_keyframe(stream):
                return
            now = time.monotonic()
            # Several answers help against chance, and do harm where there is too much already.
            apart = self._estimator.rtt_s if self._estimator.overloads else 0.0
            allowed = self._pacer.repairs_allowed(now)
            for sequence in sequences:
                if allowed <= 0:
                    break
                missing = stream.ssrc, sequence
                if missing not in self._repeats and (repeat := stream.again(sequence, now, apart)) is not None:
                    allowed -= len(repeat[0])
                    self._pacer.spend_repair(len(repeat[0]))
                    self._repeats[missing] = stream, repeat
            if self._repeats and not self._armed:
                self._send_waiting(now)

    def probe(self, streams: Iterable[OutgoingStream], octets: int) -> None:
        """Send this much at once, to see whether the link carries it: packets that went out a moment ago, once more."""
        with self.lock:
            if self._closed:
                return
            now = time.monotonic()
            while self._repeats and octets > 0:
                octets -= self._send_repeats(octets, now)
            for stream in streams:
                if octets > 0 and (recent := stream.recent(octets)):
                    self._seal_and_send(recent, stream.rtx_ssrc, now)
                    return

    def send_rtcp(self, data: bytes) -> None:
        """Send a compound packet of RTCP."""
        with self.lock:
            if not self._closed and (sealed := self._srtp.seal_rtcp(data)):
                self.octets += len(sealed)
                self._outlet.send(sealed)

    def use(self, outlet: DatagramOutlet) -> None:
        """Send through another outlet from now on."""
        with self.lock:
            if self._closed:
                outlet.close()
                return
            former, self._outlet = self._outlet, outlet
            former.close()

    def set_target(self, bps: float, *, congested: bool = False) -> None:
        """The bitrate that the link carries, in bits a second, and whether more was sent than that."""
        with self.lock:
            self._pacer.set_target(bps, congested=congested)
            if self._closed:
                return
            now = time.monotonic()
            self._mend_sound(now)
            if not self._armed:
                self._send_waiting(now)

    def close(self) -> None:
        """Send nothing more."""
        with self.lock:
            self._closed = True
            self._repeats.clear()
            self._waiting.clear()
            self._outlet.close()
        if self._timer is not None:
            self._timer.cancel()

    def _mend_sound(self, now: float) -> None:
        """Send sound once more that has been overtaken: nobody asks for it, but its play-out may still wait."""
        for ssrc, sequence in self._estimator.missing(now - MENDED):
            if (sound := self._sounds.get(ssrc)) is not None and (packet := sound.copy(sequence)) is not None:
                self._seal_and_send([packet], ssrc, now, copies=True)

    def _held(self, now: float) -> bool:
        """Whether pictures wait for the network's queues; a keyframe for those dropped meanwhile can wait as well."""
        return self._estimator.room(now) <= 0

    def _supersede(self, stream: OutgoingStream, now: float) -> None:
        """A keyframe comes: what waits long of its source, to be sent or sent again, is not worth its time any more."""
        if not self._held(now) and self._pacer.seconds_for(self._waiting.octets(stream)) < SUPERSEDED:
            return
        stream.counters.dropped += self._waiting.drop(stream)
        self._repeats = {key: waiting for key, waiting in self._repeats.items() if waiting[0] is not stream}

    def _send_waiting(self, now: float) -> None:
        """Send what the pace allows; the lock is held."""
        while self._repeats or self._waiting:
            allowed = self._pacer.allowed(now)
            if allowed <= 0:
                self._arm()
                return
            room = self._estimator.room(now)
            if room <= 0:
                break  # `set_target` comes after each report, and where none comes as well
            allowed = int(min(allowed, room + 1))
            if self._repeats:
                self._send_repeats(allowed, now)
            else:
                self._send_pictures(allowed, now)
        self._armed = False

    def _send_repeats(self, allowed: int, now: float) -> int:
        """Send packets again, of one stream; returns their bytes."""
        portion: list[Outgoing] = []
        octets = 0
        stream, _ = next(iter(self._repeats.values()))
        for missing, (whose, repeat) in list(islice(self._repeats.items(), _BATCH)):
            if whose is not stream or octets >= allowed:
                break
            del self._repeats[missing]
            portion.append(repeat)
            octets += len(repeat[0])
        self._seal_and_send(portion, stream.rtx_ssrc, now)
        return octets

    def _send_pictures(self, allowed: int, now: float) -> None:
        """Send the next packets of the source whose turn it is."""
        stream, packets, first, end = self._waiting.take(allowed, _BATCH)
        self._send(stream, packets, first, end - first, now)

    def _send(self, stream: OutgoingStream, packets: Packets, first: int, count: int, now: float) -> None:
        self._seal_and_send(stream.number(packets, first, count, now), stream.ssrc, now)

    def _seal_and_send(self, outgoing: list[Outgoing], ssrc: int, now: float, *, copies: bool = False) -> None:
        """Send packets; copies bear the number of another packet, and are not measured."""
        buffer, srtp, sent = self._buffer, self._srtp, self._estimator.sent
        at = start = size = 0
        for packet, payload_type, sequence in outgoing:
            length = len(packet)
            if at + length + TRAILER > len(buffer.bytes):
                self._flush(start, at, size)
                at = start = size = 0
            buffer.bytes[at : at + length] = packet
            patch(buffer.bytes, at, payload_type, sequence)
            sealed = srtp.seal(buffer, at, length)
            if not sealed:
                continue
            if sealed != size:  # a run of one length, which a shorter one may end
                if at > start and sealed > size:
                    self._flush(start, at, size)
                    start, size = at, sealed
                elif at == start:
                    size = sealed
            at += sealed
            if sealed < size:
                self._flush(start, at, size)
                start, size = at, 0
            if copies:
                self._estimator.copied(ssrc, sequence)
            else:
                sent(ssrc, sequence, sealed, now)
        self._flush(start, at, size)

    def _flush(self, start: int, end: int, size: int) -> None:
        if end > start:
            self.octets += end - start
            self._pacer.spend(end - start)
            self._outlet.send_segments(self._buffer.view[start:end], size)

    def _arm(self) -> None:
        """Go on after a slot; the lock is held, and this may be any thread."""
        self._armed = True
        self._loop.call_soon_threadsafe(self._set_timer, self._pacer.wait())

    def _set_timer(self, wait: float) -> None:
        if not self._closed:
            self._timer = self._loop.call_later(wait, self._go_on)

    def _go_on(self) -> None:
        with self.lock:
            if not self._closed:
                self._send_waiting(time.monotonic())
