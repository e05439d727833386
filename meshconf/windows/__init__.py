"""Participants' pictures in windows of their own, drawn by OpenCV in a process of its own.

OpenCV wants the main thread and must never meet PyAV in one process; so the engine's side (`host`) only copies pictures
into shared memory (`bus`) and talks over a pipe (`control`) with the window process (`viewer`).
"""
