"""mitmproxy, started our way: its hooks, its layers, and the guard round all of them."""
