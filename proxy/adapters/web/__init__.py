"""Wire formats of chat pages: what a browser sends and reads, as public client code describes it; none seen live."""
