"""Talking and being heard: everything about sound that a person decides while a meeting runs.

* `commands`, `events`: this part of the control API.
* `desk`: carries the commands out.
* `microphone`: mute, push-to-talk, and what happens to the device meanwhile.
* `volumes`: how loud one hears whom, or nobody; `preferences` remembers it by identity.
* `signs`: who wants to speak, and who hears nobody.
* `playback`: a file or stream for everybody, with pause and position.
* `chimer`: small sounds for the own ears.
* `hearing`: who does not hear whom.
"""
