"""Sound through a PulseAudio server, which PipeWire is as well: what nearly every Linux desktop has.

The server mixes, resamples and moves streams from device to device while they run; ALSA below it can do none of that.
`binding.py` is libpulse's streams through ctypes, `connection.py` and `streams.py` make them devices, `server.py` says
what there is (through pulsectl), `applications.py` hears what other programs play.
"""
