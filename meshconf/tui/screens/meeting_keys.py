"""The keys of the meeting page. The footer shows few of them; the row of switches and the help page show the others."""

from __future__ import annotations

from textual.binding import Binding

MEETING_KEYS = (
    # First, so that it stays in sight where the footer is cut.
    Binding("escape", "rest", "Back"),
    # These stand, with what they do, in the row of switches.
    Binding("m", "mute", "Microphone", show=False),
    Binding("v", "switch('camera')", "Camera", show=False),
    Binding("s", "switch('screen')", "Screen", show=False),
    Binding("f", "switch('media')", "File", show=False),
    Binding("z", "cover('freeze')", "Freeze the screen", show=False),
    Binding("x", "cover('blank')", "Blank the screen", show=False),
    Binding("t,enter", "write", "Chat", key_display="t"),
    Binding("p", "pictures", "Pictures"),
    Binding("r", "room", "Room"),
    Binding("a", "sound", "Sound", show=False),
    Binding("space", "talk", "Talk", show=False),
    Binding("h", "hand", "Hand", show=False),
    Binding("e", "ears", "Hear nobody", show=False),
    Binding("n", "sounds", "Small sounds", show=False),
    Binding("i", "invite", "Invite"),
    Binding("d", "detach", "Detach"),
    Binding("l,q", "leave", "Leave", key_display="l"),
    Binding("question_mark", "help", "Help", key_display="?"),
    Binding("up,down", "people", "People", show=False),
    # The row of a person takes these before the page does.
    Binding("plus,equals_sign", "choose_first", "Louder", show=False),
    Binding("minus", "choose_first", "Softer", show=False),
    # These stand in the bar that asks; with ctrl, so that they answer also while something is being typed.
    Binding("ctrl+y", "answer('admit')", "Let in", show=False),
    Binding("ctrl+n", "answer('deny')", "Send away", show=False),
    Binding("b", "give_back", "Give the role back", show=False),
    # This stands in the banner of remote control.
    Binding("c", "take_copied", "Take what was copied", show=False),
)
