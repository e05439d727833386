"""How much a link carries, and who gets how much of it: congestion control without I/O, clock or randomness.

arrivals        receiver: which packets came when, as congestion control feedback
history         sender: what was sent and is not yet reported on
onset           whether a link has just become much slower, seen before whole reports tell
dispersion      whether it has just become much faster, seen without asking it
queue_delay     how long packets wait in the network's queues
delivery        how fast packets came out at the far end
loss            how many were lost, and whether fewer would be if less was sent
rate            the rate itself: down when a queue builds up, back and on when it is gone
probing         short bursts that find out whether there is more
estimator       all of these for one link
shared          whether links share a bottleneck, and what they may send together
filling         fair shares
uplink          all links of this machine: what each may send of each source
"""
