"""The terminal face: a start page and a meeting page, both clients of the control API and of nothing else.

`meshconf.tui.run.run` is the entry; importing this package loads no Textual.
"""
