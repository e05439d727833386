"""Play-out of voices: the way of their packets to the loudspeaker, as soon and as whole as the network lets it.

`playout` is what others use; `packets` orders, `supply` decodes and mends, `delay` says how much delay is needed, and
`tempo` makes it so. Pure: packets and time come in, blocks go out; the decoder is passed in.
"""

from meshconf.media.voice.counters import VoiceCounters
from meshconf.media.voice.decoder import VoiceDecoder
from meshconf.media.voice.playout import VoicePlayout

__all__ = ["VoiceCounters", "VoiceDecoder", "VoicePlayout"]
