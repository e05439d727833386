"""One WebRTC link to one peer: ICE, DTLS, SRTP and data channels by aiortc, which is imported nowhere else.

Encodes nothing: a `PacketFeed` carries packets that are already encoded to every link. Runs on the event loop;
aiortc's decoder threads stay inside. Every reach into private parts of aiortc and aioice is in `patches.py`,
`ice_hooks.py`, `receiver_hooks.py` and `internals.py`, and is watched by tests.
"""
