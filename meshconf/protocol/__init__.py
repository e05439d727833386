"""What peers say to each other and what follows from it: pure state machines over bytes.

No I/O, no clock and no randomness of its own: time and entropy come in as arguments. Runs anywhere.
"""
