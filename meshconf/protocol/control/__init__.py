"""Remote control of a shared screen: watch, point, control; asked for, granted and ended (pure).

input         what is done with mouse and keyboard, and where somebody points
keysyms       named keys and buttons, as X has them
messages      what controller and owner say to each other

owner         asked, and what the person at that machine decides
  grant       one grant: whose, of what, for how long
  order       motion and inputs as they were meant
  copies      what is copied, no faster than it is taken
  held        what is down, so that it can come up
controller    asks, and sends input while the grant lasts
  outbox      motion coalesced, inputs in order
  latest      the newest value of a fast stream
budget        how much input there may be
pointers      who points where

events        what all that tells the application
"""
