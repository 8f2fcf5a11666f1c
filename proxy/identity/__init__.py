"""How people prove to the proxy who they are: passwords, directory, tickets, and what a front has proven for them."""
