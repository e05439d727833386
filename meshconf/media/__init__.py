"""Pure computation on samples, pictures and packets: no device, network, clock or randomness.

packets
  encoded       a frame as it comes from an encoder and goes to a decoder
  rtp           RTP and RTCP as bytes
  send          packets that leave: built once, paced, kept to be sent again
  receive       packets that came, up to whole pictures
  congestion    what a link carries, and who gets how much of it

pictures
  rungs         in which sizes a source is encoded, and which of them a viewer gets
  rung_sharing  one encoder for several viewers: its bitrate, and who is too slow for it
  screen        how a shared screen is encoded
  stamp         the time painted into a picture, to measure its age
  sync          lip sync: how much later one stream is shown than another
  overuse       whether the processor keeps up with encoding
  terminal      pictures as characters; `tiling` says where they stand

sound
  samples       mono, stereo, silence
  voice         play-out of one voice
  mixer         many voices as one, through the `limiter`
  level         loudness, and whether somebody speaks
  gather        streams side by side as one
  cushion       blocks from one clock for another
  fractional    samples between the samples
  echo          what the loudspeaker played beside what the microphone heard
  chimes        small sounds that tell what happens
  mute          whether the microphone is on the air; push to talk
  typing_duck   less of the keyboard
  unheard       somebody talks while muted, or a microphone gives silence
  one_way       sound leaves, and nothing of it arrives
"""
