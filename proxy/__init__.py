"""The egress proxy: the street a prompt goes down, and the shell that carries it."""
