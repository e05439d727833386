"""How well echo is taken out: a simulated room with two sound cards, and a real sound server.

voices  recorded speech, and levels
room    what a microphone hears of a loudspeaker, by mirror images
call    a microphone that is cleaned beside a loudspeaker, in virtual time
loop    the same with real devices, as a program
"""
