"""The way of a remote picture source from packets to whole pictures (pure): one `VideoReceiver` for each.

    packet ─▶ losses: new, late or repeated? what is missing?   ─▶ sequences to ask for
           ─▶ frames: pictures whole and in order               ─▶ keyframes: when to ask for one
           ─▶ playout: when each leaves                         ─▶ frames for the decoder

receiver.py ties them together; its caller brings packets and time, and drains what comes out.
"""
