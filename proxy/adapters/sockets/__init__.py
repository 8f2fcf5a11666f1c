"""Wire formats of WebSockets: what one message of a client holds, and where text sits in a server's messages."""
