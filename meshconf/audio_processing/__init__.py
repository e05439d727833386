"""WebRTC's audio processing (echo, noise, gain), through the library that brings it: livekit, and nowhere else.

module      one microphone's processing
"""
