"""One WebRTC link to one peer: ICE, DTLS, SRTP and data channels by aiortc, which is imported nowhere else.

Encodes nothing: a `Feed` brings what is already encoded to every link. Runs on the event loop, but for what the
encoding threads call.

link            `PeerLink`: offer, answer, messages, state; what others use
listener        what a link tells its owner
description     checks the peer's SDP before aiortc sees it
negotiated      what both sides agreed on: payload types, streams
certificate     the DTLS certificate of this process
channels        the three data channels
ice             the servers that ICE may ask, and what to call the path that it found
stats           rates and round trip of a link

media
  transport     `MediaTransport`: ties together what follows, for one link
  feed          one source of ours, packed once for all links
  outgoing      one source of ours over one link: its numbers, its rung, what is kept to be sent again
  sender        what leaves: sealed, at the link's pace
  receiver      what arrives: opened, sorted by stream
  incoming      one source of the peer, up to whole pictures and packets of sound
  reports       RTCP both ways
  srtp          sealing and opening in place
  route         the pair of candidates that media goes over
  datagrams     sending on a socket, many datagrams with one call
  reader        reading a socket, with the kernel's times; `poll` says when

private parts of aiortc and aioice, each watched by a test; `negotiated`, `srtp` and `reader` read one or two more
  patches       installs our hooks, and refuses versions that have moved
  ice_hooks     what we do differently inside aioice
  sctp_hooks    what aiortc takes of a peer over SCTP
  internals     what we read or set inside aiortc
"""
