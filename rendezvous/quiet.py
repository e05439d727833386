"""The logger that websockets is given: its own would write down strangers' headers, frames and broken handshakes."""

from __future__ import annotations

import logging

silent = logging.getLogger("rendezvous.websockets")
silent.setLevel(logging.CRITICAL + 1)
