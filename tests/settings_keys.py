"""Where keys of the settings stand, and a file with one that is unknown: the error lists those that are known."""

UUID = "550e8400-e29b-41d4-a716-446655440000"
NESTED = {
    "": "zzzz: 1",
    "internal_model": "internal_model: {url: 'http://a', zzzz: 1}",
    "internal_models": "internal_models: {servers: {a: {url: 'http://a'}}, zzzz: 1}",
    "checks": "internal_models: {servers: {a: {url: 'http://a'}}, checks: {zzzz: 1}}",
    "identity": "identity: {zzzz: 1}",
    "header": "identity: {header: {user: a, from: 10.0.0.0/8, zzzz: 1}}",
    "directory": "identity: {directory: {url: 'ldaps://a', base: a, zzzz: 1}}",
    "kerberos": "identity: {kerberos: {host: a.example, keytab: a, zzzz: 1}}",
    "front": "front: {from: 10.0.0.0/8, zzzz: 1}",
    "networks": "identity: {networks: [{cidr: 10.0.0.0/8, zzzz: 1}]}",
    "limits": "limits: {zzzz: 1}",
    "admission": "admission: {zzzz: 1}",
    "connections": "connections: {zzzz: 1}",
    "redis": "redis: {zzzz: 1}",
    "detection": "detection: {zzzz: 1}",
    "documents": "documents: {zzzz: 1}",
    "notify": "notify: {zzzz: 1}",
    "canary": "canary: {zzzz: 1}",
    "admin": "admin: {zzzz: 1}",
    "pac": "pac: {zzzz: 1}",
    "tracing": "tracing: {endpoint: 'http://c', zzzz: 1}",
    "checkpoints": "checkpoints: {zzzz: 1}",
    "tenants": "tenants: {zzzz: 1}",
    "openai": "tenants: {openai: {workspace: abcdefgh, zzzz: 1}}",
    "anthropic": f"tenants: {{anthropic: {{organizations: {UUID}, zzzz: 1}}}}",
    "google": "tenants: {google: {domains: a.example, zzzz: 1}}",
    "microsoft": f"tenants: {{microsoft: {{directory: {UUID}, tenants: a.example, zzzz: 1}}}}",
    "front_door": "front_door: {zzzz: 1}",
    "smtp": "notify: {smtp: {host: a, from: a@b.example, to: a@b.example, zzzz: 1}}",
}
"""Where keys stand, and a file with one that is unknown there: the error lists those that are known."""
INSIDE = {"admin": "admin", "tracing": "tracing", "pac": "pac", "checks": "internal_models", "smtp": "notify"}
INSIDE |= dict.fromkeys(("header", "networks", "directory", "kerberos"), "identity")
INSIDE |= dict.fromkeys(("openai", "anthropic", "google", "microsoft"), "tenants")
"""Keys of keys, which are explained where the outer ones are."""
