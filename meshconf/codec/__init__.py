"""Codecs: a source is encoded once, however many people watch or listen; what others send is decoded in a child.

pictures
  encoder           what every video encoder looks like
  ladder            the encoders of one source, one for each rung that somebody watches
  rung_encoder      one rung of a ladder: whose turn it is, and when it may begin anew
  scaling           smaller pictures for the smaller rungs
  choice            which codec and which encoder, and why
  vp8               VP8 on libvpx, which `libvpx` reaches through ctypes
  libav             encoders of libavcodec through PyAV
  h264              H.264 by x264 or hardware; `trial` tries hardware in a child first

sound
  sound_encoder     one source, as speech or as music
  libopus           encoder and decoder of Opus
  libopus_binding   libopus through ctypes
  opus_pyav         Opus by PyAV, where libopus cannot be reached
  opus_settings     what both agree on

decoding            pictures of others, in a process of its own
"""
