"""Ways to touch the machine: sound, cameras, screens, files, streams, and synthetic ones that work everywhere.

open              what the person asked for as an open device; `opening` does that off the event loop
inventory         what there is to choose from, and what is missing
base              what every source and sink looks like, and how they end

sound
  sound           microphones and speakers by name: of the sound server (`pulse`), else of PortAudio
  sound_devices   which there are, and who is meant by a name; `sound_watch` tells when they come and go
  steady          a microphone or speaker that stays while its devices come and go
  microphone      through PortAudio, as `speaker`; both on a `portaudio_stream`
  portaudio       the library: its devices, their formats, and looking for devices again
  resampling      between a device's format and ours; `ring` is what a callback plays from

pictures
  camera          through OpenCV; `fit` brings its pictures to the size asked for
  screen          through mss; `screen_camera` shows it in the place of a camera
  screen_area     which part of the display; `screen_permission` says whether we may look at it
  screen_watch    when a screen may have changed; `screen_converter` makes pictures of what did

files, streams and nothing at all
  file            as microphone and camera; `container` reads them
  player          the same with pause, position and repeat
  synthetic       tone, test picture, silence, a loudspeaker to nowhere; `pattern` draws the picture

worker            the thread that owns a device
handover          the bounded way from such a thread to the event loop
input             mouse and keyboard of this machine, for somebody whom its owner lets

Nothing heavy is imported before a device of its kind is asked for.
"""
