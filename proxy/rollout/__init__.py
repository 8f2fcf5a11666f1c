"""What clients are given so that they come through the proxy and trust it: the PAC file, and kits of trust."""
