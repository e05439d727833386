"""Codecs: a source is encoded once, however many people watch or listen; what others send is decoded in a child.

encoder     what every video encoder looks like
ladder      the encoders of one source, one for each rung that somebody watches: its steps, in `step`
scaling     smaller pictures for the smaller rungs
choice      which codec and which encoder, and why
vp8         VP8 on libvpx, which `libvpx` reaches through ctypes
libav       encoders of libavcodec through PyAV
h264        H.264 by x264 or hardware, which `trial` tries in a child first
libopus     voices, see there for its helpers
decoding    pictures of others, in a process of its own
"""
