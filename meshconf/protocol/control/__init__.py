"""Remote control of a shared screen: watch, point, control; each step asked for, granted, and ended (pure).

input         what is done with mouse and keyboard, and where somebody points
"""
