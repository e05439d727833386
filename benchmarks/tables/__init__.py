"""The tables of the benchmark: each file measures one and says how to read it, in `measure(bench) -> list[Table]`.

pictures      sizes and bitrates that several tables share
sender        what sending costs, by the number of viewers
viewer        what viewing costs, by the number of senders
mesh          how many equal peers two cores hold
latency       glass to glass
loss          pictures and freezes on bad cables
cut           an uplink that becomes thin for a while
sharing       two meetings on one thin uplink
slow_viewer   one viewer of five on a thin line
inside        event loop, memory and profile with twelve viewers
echo          how much of it is left, and of the person who speaks meanwhile
voice         over bad lines: filled, stalls, delay and quality
audio         drift, lip sync, eight at once, mouth to ear
"""
