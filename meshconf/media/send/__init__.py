"""What goes out. Pure.

packets     a frame as packets, built once for all links
waiting     pictures that wait for the pace of a link: sources take turns
pacer       when packets leave
redundancy  packets of sound that are sent more than once
history     what is kept to be sent again
"""
