"""The audit trail: kept, signed, told to witnesses outside, and checked by whoever holds the public key."""
