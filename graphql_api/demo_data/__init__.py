"""A world for trying things out; all companies, people and conversations are invented."""
