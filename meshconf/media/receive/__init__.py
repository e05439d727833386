"""A remote picture source from packets to whole pictures (pure): one `VideoReceiver` for each.

    packet ─▶ losses: new, late or repeated? what is missing?   ─▶ sequences to ask for
           ─▶ frames: pictures whole and in order               ─▶ keyframes: when to ask for one
           ─▶ playout: when each leaves                         ─▶ frames for the decoder

receiver    `VideoReceiver`: ties them together; its caller brings packets and time, and drains what comes out
losses      which packets are missing, when to ask for them, when to give up
fragments   a packet as a piece of a picture, whatever its codec
frames      packets in order: those before a hole become pictures
pictures    pictures out of packets without a gap
keyframes   when to ask for one
playout     when each picture leaves for the decoder
counters    what has been seen and done
"""
