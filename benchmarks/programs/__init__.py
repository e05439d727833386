"""What runs in processes of its own while something is measured: the contenders' participants and the floor.

lines          commands as JSON lines in, events out, for programs on asyncio
aiortc_peer    a participant on aiortc's stock API
light_viewers  many viewers that take everything and decode nothing
light_engines  the same, of meshconf's own
engine         a headless meshconf engine before the benchmarks' scene
floor          the codecs alone, nothing sent
flipper        a window that changes its colour at each key press
"""
