"""Participants' pictures in windows of their own, drawn by OpenCV in a process of its own.

OpenCV wants the main thread and must never meet PyAV in one process; so the engine's side (`host`) only says over a
pipe (`wire`) which picture bus each window of that process (`viewer`) shows, and hears how much of it is seen.

engine's side
  host, process   which windows there are, and the process that shows them
  wire, names     what the two say to each other; names as windows may show them
  display         whether there is a display at all

pictures and windows
  viewer          started by `__main__`, follows commands, which come by the `inbox`, and looks after the rest
  board, pane     which pictures share which windows; one window, drawn by `window`
  tile, label     one picture with what is on it; `rendering` gives it the size that it has there
  pointing, ink   pointers, lines and hints over it
  geometry, layout, viewport   where windows, pictures in them, and places in those are
  places          remembers that; `attention` tells the engine what is seen

mouse and keys
  inlet           where they come from: `x11`, or the `callbacks` of OpenCV, as `happenings`
  steering        what they are for: the person's `own_view`, or `hands` over somebody's screen
  key_focus       which picture has the keyboard
  x11             the same for all of that where there is an X server; who keeps the focus when a window opens
  event_queue     what OpenCV's wheel needs on Linux
"""
