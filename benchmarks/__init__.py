"""Measures meshconf side by side with plain aiortc, headless Chromium and the codecs alone: `python -m benchmarks`.

bench         the lab's hosts, and the order in which everything is measured
contenders    who is compared; programs: what of it runs in processes of its own
tables        one file a table: what is measured, and how it is told
network       cables with delay, rate, queue and bursts of loss
scene         what every camera sees; stage: what is on a shared screen; likeness: of two pictures
shared_screen two engines, one of which shows its screen to the other; desk: who controls it, by mouse and keys
rendezvous    where engines find each other
observe       a look at a running meeting; reading: what its viewers say
processes, machine, program   processor time; which machine; programs that speak JSON lines
report, plot  tables as text, series as a picture
"""
