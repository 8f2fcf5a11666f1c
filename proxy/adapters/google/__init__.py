"""Google's interfaces: Gemini, on its own host, on Vertex AI and behind Code Assist."""
