"""Sound through a PulseAudio server, which PipeWire is as well: what nearly every Linux desktop has.

binding      libpulse's streams through ctypes
connection   to the server, with the thread in which libpulse runs
stream       what recording and playing have in common
recording    microphones
playing      speakers
programs     what other programs play
server       what the server has, and news of it, through pulsectl

The server mixes, resamples and moves streams from device to device while they run; ALSA below it can do none of that.
"""
