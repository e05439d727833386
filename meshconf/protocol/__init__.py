"""What peers say to each other and what follows from it: pure state machines over bytes.

No I/O, no clock and no randomness of its own: time and entropy come in as arguments. Runs anywhere.

mesh              who is here and connected; a `peer` is what we hold about one, `events` what comes out
  departures      who left, and who was lost
  agreement       whether two members see the same people
  foothold        whether a newcomer gets hold of the meeting
room              who may be here, and do what
reunion           how halves of a meeting that was cut find each other
chat              what is said to everybody
signs             what is said without a word: a hand that is up, deafness
control           who controls whose screen, and points where

messages          everything that members send each other; made of `fields`
membership        entries of the roster, signed by their owners
identity          key pairs, peer ids, the phrase that two people compare

handshake         joiner and doorman prove the invite and themselves, in `handshake_frames`
  key_exchange    SPAKE2 for codes, X25519 for links
  transcript      the keys that follow from all frames
  sealing         the channel after it
invite            codes and links; `words` has the words of codes

text              others' text, made safe to show
"""
