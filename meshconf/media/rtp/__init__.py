"""RTP and RTCP as bytes (RFC 3550 and its payload formats): pure, and safe to feed with anything."""
