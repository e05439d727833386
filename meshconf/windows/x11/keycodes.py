"""Where a key is: keycodes of X to the places of W3C `KeyboardEvent.code`. Pure.

All X servers of Linux number keys as the kernel does (input-event-codes.h), 8 higher.
"""

from __future__ import annotations

_OFFSET = 8

_ROWS = {
    1: "Escape Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace",
    15: "Tab KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter",
    29: "ControlLeft KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backquote",
    42: "ShiftLeft Backslash KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ShiftRight NumpadMultiply",
    56: "AltLeft Space CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock ScrollLock",
    71: "Numpad7 Numpad8 Numpad9 NumpadSubtract Numpad4 Numpad5 Numpad6 NumpadAdd Numpad1 Numpad2 Numpad3 Numpad0",
    83: "NumpadDecimal",
    85: "Lang5 IntlBackslash F11 F12 IntlRo Lang3 Lang4 Convert KanaMode NonConvert",
    96: "NumpadEnter ControlRight NumpadDivide PrintScreen AltRight",
    102: "Home ArrowUp PageUp ArrowLeft ArrowRight End ArrowDown PageDown Insert Delete",
    113: "AudioVolumeMute AudioVolumeDown AudioVolumeUp Power NumpadEqual",
    119: "Pause",
    121: "NumpadComma Lang1 Lang2 IntlYen MetaLeft MetaRight ContextMenu",
    158: "BrowserBack BrowserForward",
    163: "MediaTrackNext MediaPlayPause MediaTrackPrevious MediaStop",
    183: "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24",
}
"""Places by the kernel's number of the first key in each row."""

_CODES = {first + i + _OFFSET: code for first, row in _ROWS.items() for i, code in enumerate(row.split())}


def code_of(keycode: int) -> str:
    """The W3C `code` of a key; empty where it has none."""
    return _CODES.get(keycode, "")
