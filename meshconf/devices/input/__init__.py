"""Acts with this machine's mouse and keyboard for somebody whom its owner lets. A process of its own does it.

process     that process as the engine sees it
wire        what the two say to each other
support     whether this machine can be controlled, and why not
__main__    the process: reads what to do, does it, lets go of everything at its end
injector    what a system has to offer; `x11` (XTEST) and `portable` (pynput: Windows, macOS)
keysyms     W3C keys and any character as X keysyms
keymap      where on the owner's keyboard a keysym is, and keycodes that are free for those that it lacks
wheel       whole notches of a mouse wheel
x11_keyboard  keys and text, pressed and released on an X display
x11_clipboard  text that either end copies
x11_watch   the owner's own mouse and keyboard (XInput 2)
own         which events are ours, and which the owner's
panic       three times Esc

Nothing here is imported by the engine but `process` and `support`.
"""
