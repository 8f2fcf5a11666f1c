"""The catalogue of services: which one a request is meant for, and what is done with it."""
