"""The shared token bucket, under the name by which the core has known it."""

from __future__ import annotations

from meshconf.token_bucket import TokenBucket

__all__ = ["TokenBucket"]
