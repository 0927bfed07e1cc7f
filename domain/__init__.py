"""The rules of the platform: pure, standard library only, importable by the chat runtime."""
