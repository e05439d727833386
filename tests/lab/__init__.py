"""A laboratory of network namespaces for tests that need a real network."""
