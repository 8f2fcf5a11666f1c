"""The company's own models: their servers, their protocol behind the client's, their conversations."""
