"""The authorization workflow: requests, grants, approvals, and the thread that carries them out."""
