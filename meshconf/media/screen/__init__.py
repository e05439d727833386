"""How a shared screen is encoded: what changed, at once as sharp as the link allows, and sharper while it stands still.

changes     which blocks of a picture changed, and how much there is to see in them
sizes       how many bytes a picture will need, learned from those before
plan        when to encode, which blocks, and how finely

VP8's macroblocks of 16x16 pixels are the grain of all of it.
"""
