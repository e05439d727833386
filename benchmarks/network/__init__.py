"""What tests/lab lacks: cables with delay, a rate and a queue, and losses that come in bursts.

impairment   one direction of a bad cable as arithmetic: when does a packet arrive, if at all (pure)
netfilter    packets of a namespace handed to a program by the kernel (NFQUEUE over netlink)
wire         the program that holds them back; runs inside the host whose cable it is
cable        our end of that program
"""
