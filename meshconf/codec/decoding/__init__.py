"""Decoding of what others send, in a process of its own: hostile pictures crash, hang and starve that one only.

host        `DecoderHost`, the engine's side: frames in, names of picture buses out; restarts, penalties
keeper      keeps the child alive: starts it, notices that it hangs
process     the child as the host sees it: started, told, heard, killed
outbox      what goes to it: commands first, then frames
wire        what travels over the socket between them
board       numbers that the child writes and the host reads for nothing, also after its death
lane        what waits to be decoded: bounded, newest keyframe first, fair between streams
quarantine  how long a stream stays out after the decoder died of it
worker      the child: `python -m meshconf.codec.decoding.worker`
stream      one stream in the child: from bytes to the picture bus
decoder     FFmpeg's decoders, one frame in, one picture out
planes      what of a picture goes on the bus
limits      what the child forbids itself
"""
