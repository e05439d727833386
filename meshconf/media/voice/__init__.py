"""Play-out of voices: from packets to the loudspeaker, as soon and as whole as the network lets it. Pure.

playout     `VoicePlayout`: packets and time in, blocks out
packets     packets in order, until their time comes
decoder     what a decoder has to be able to do; it is passed in
supply      decoded sound without holes
delay       how late packets are, and how much delay that asks for
tempo       a little slower or faster, until the delay is that
stretch     longer and shorter speech at the same pitch
quiet       pauses, in which a change of speed goes unheard
counters    what has been done so far
"""

from meshconf.media.voice.counters import VoiceCounters
from meshconf.media.voice.decoder import VoiceDecoder
from meshconf.media.voice.playout import VoicePlayout

__all__ = ["VoiceCounters", "VoiceDecoder", "VoicePlayout"]
