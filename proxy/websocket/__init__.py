"""WebSockets: each message an exchange, read and recorded like a request."""
