"""Encoders on PyAV: a source is encoded once, however many people watch or listen."""
