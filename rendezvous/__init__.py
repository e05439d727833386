"""The rendezvous: where peers who share a code first meet. It relays small opaque frames between the sockets of a room.

It knows no codes, no people, no session descriptions and no keys; it runs alone (`python -m rendezvous`) and inside
every member for the LAN. A meeting that has connected outlives it.
"""
