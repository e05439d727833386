"""What we send: each source is captured once, encoded once, and fanned out to every link by its feed.

  publisher    a source of ours that is switched on and off, and what becomes of it when it ends or fails
  sound        microphone and media: cleaned, muted, encoded on the event loop
  pictures     the camera: encoded in a thread, in every quality that somebody watches
  screen       the same of a screen, which stands still most of the time
  own_picture  where we see ourselves what we send

A publisher lives as long as the meeting; switching it off closes the device (the camera's light goes out) and leaves
the m-line as it is, so nothing is renegotiated. Device threads fill bounded queues; encoding of pictures runs in one
worker thread for each source; the event loop only passes things on.
"""
