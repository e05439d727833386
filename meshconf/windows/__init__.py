"""Participants' pictures in windows of their own, drawn by OpenCV in a process of its own.

OpenCV wants the main thread and must never meet PyAV in one process; so the engine's side (`host`) only says over a
pipe (`control`) which picture bus each window of that process (`viewer`) shows, and hears how much of it is seen.
"""
