"""The OpenAI family: Responses, Completions, Embeddings, Assistants and what compatible vendors add to them."""
