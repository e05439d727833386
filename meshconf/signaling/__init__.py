"""Ways to carry sealed first contacts between peers: a rendezvous, the LAN, or memory for tests and examples."""
