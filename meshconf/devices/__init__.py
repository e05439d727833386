"""Ways to touch the machine: sound, cameras, screens, files, streams, and synthetic ones that work everywhere.

`open.py` opens, `inventory.py` lists; nothing heavy is imported before a device of its kind is asked for.
"""
