"""Who may do what in a room, decided by no server: a log of signed acts that every member replays for itself.

acts       what is written down, and the bytes that are signed
state      what a prefix of the log amounts to
rules      the transition table: who may do which act when, and what it changes
history    all entries that we know, and which of several branches counts
authority  the state machine: proposing, ordering, a lost host, halves that meet again
messages   what members send each other about it
"""
