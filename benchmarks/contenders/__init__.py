"""Programs that hold the same meeting, side by side.

base        what a contender is: seats in, a running meeting out
peers       meetings of ends that exchange offers and answers; for aiortc and Chromium
ends        ends that are programs of ours, light viewers among them
aiortc      a minimal honest program on the stock API
chromium    headless Chromium, driven over the DevTools protocol
devtools    that protocol
engine      meshconf itself
floor       no contender: the codecs alone
"""
