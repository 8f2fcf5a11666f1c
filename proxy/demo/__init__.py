"""The demo's parts: stand-in services on loopback, a client that uses the vendors' own SDKs, and the play they act."""
