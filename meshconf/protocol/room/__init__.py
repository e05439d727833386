"""Who may do what in a room, decided by no server: a log of signed acts that every member replays for itself.

acts        what is written down, and the bytes that are signed
state       what a prefix of the log amounts to
rules       the transition table: who may do which act when, and what it changes
history     all entries that we know, and which of several branches counts
making      signing acts, entries and votes of our own
messages    what members send each other about it
events      what they are told
authority   the state machine: follows the log, and holds together the parts below
  standing    what these have in common: key, entries, head, neighbours
  neighbours  who is linked, and what goes out to them
  exchange    bringing each other's entries up to date
  errands     acts on their way into the log; `docket` keeps ours
  succession  beats, votes and claims; `pulse` and `election` keep count
  loyalty     which branch to follow when
"""
