"""What a voice is like after a bad line, ours beside plain aiortc's, in virtual time; and when it is heard.

line          losses, bursts and jitter, the same for everybody
spoken        the voice that is sent
heard         what came out of a play-out, and the figures that a listener would give
score         PESQ (ITU-T P.862.2)
engine        meshconf's way of a voice: its encoder, sender and reports, play-out and decoder
plain         aiortc's: its encoder, jitter buffer and decoder
faces         a face beside its voice: lip sync
crowd         seven voices at once in one mix
mouth_to_ear  from a microphone through two engines to a speaker, on a real sound server
"""
