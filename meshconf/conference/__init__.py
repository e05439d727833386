"""The application without a face: it drives the protocol, moves the media and speaks the control API.

conference        the facade and public Python API: start, join, do, leave; the devices
meeting           the inside of a meeting: wires the parts below together once the room's log is there

the network       from the pure core to the peer connections
  driver          the one ritual that drives `protocol.mesh` and `protocol.room`; `application` is what it tells
  connections     to each peer the connection in use and the one that replaces it; a `session` is one of them
  signals         offers and answers, signed, carried by whoever can; `allowance` bounds what peers may send

the way in
  entry           the newcomer's: find the meeting, prove the code, be admitted
  door            the doorman's: answer who knocks; a `sealed` road carries what the two say
  reception       where our doors are: on the LAN, at the rendezvous; code, link, announcement
  household       what our doors ask of the meeting behind them: invites, wrong guesses, the roster
  admission       who comes in, and who waits in the lobby
  reunion         members who lost each other when the network was cut
  company         whether a newcomer meets anybody but its doorman

people and rules
  people          names, ids, whom we met before; `keystore` keeps that, and our own key
  chair           our acts in the room, and what is decided there; `narration` tells it in plain words
  media_words     what people call that which can be forbidden
  chat            what is said in writing
  remote_control  who acts at whose machine, and points where

sound and pictures
  studio          our own sources; a publisher of `publishing` captures, encodes and publishes one
  screencast      what others see of our screen: live, frozen or nothing; `screen_commands` say which
  sound_desk      which microphone and speaker are in use, as they come and go; `sound_commands` choose
  talk            mute, talking by a key, volumes, hands, a player, small sounds
  voice_cleaner   takes echo, noise and typing out of our microphone
  remote_sources  those of others, as far as the room lets them
  ears, gallery   what is heard, what is seen; `lipsync` keeps the two in step
  window_states   how each picture's window is seen, whether the person closed it, and when it goes
  own_view        how we see ourselves what we send
  control_frame   the frame around a controlled screen, also where there are no windows
  quality         how large and how often a picture is shown
  viewing         what we show of the others' pictures, told to them
  distribution    what of our pictures each viewer gets; `economy` says what this computer can afford
  picture_exchange  takes turns with these
  statistics      what arrives, what goes out and what it costs (`process_cost`), for faces that ask

faces
  commands        what a face may ask for, each a `command`; `verbs` is how people type it (`verb_grammar`, `slots`)
  face_commands   what is about one face alone
  events          what a face is told; `bulletin` tells it to each, also to those who come late
  control_socket  both over a local socket, commands in `turns`; `launch` starts an engine
  failure         what went wrong, in words; `endings`, why a meeting is over

tasks             one owner for the background tasks of each of these; `beat` wakes all that is done in turns together
closing           ends all of them, whatever fails
"""
