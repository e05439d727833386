"""Remote control: who may act at this machine, at whose machine we act, who points where.

* `commands`, `events`: this part of the control API.
* `desk`: wires the state machines of `protocol.control` to links, people, room and faces.
* `pointing`: who points where.
* `machine`: this machine's mouse and keyboard, while somebody controls it.
* `journal`: who did what when, in a file.
"""
