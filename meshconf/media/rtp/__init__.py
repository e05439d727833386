"""RTP and RTCP as bytes (RFC 3550 and its payload formats): pure, and safe to feed with anything.

packet      the RTP packet, and numbers that wrap around
rtcp        sender reports, NACK, PLI and congestion control feedback
rtx         retransmissions
vp8         VP8 as payloads, and what a picture tells of itself
h264        H.264 the same; `h264_sps` reads the size of its pictures
"""
