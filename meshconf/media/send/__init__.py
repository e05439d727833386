"""What goes out: packets of a frame built once for all links, when they leave, and what is kept to send again. Pure."""
