"""Reads, in batches and pages. Each takes the viewer and sees only what that viewer may see."""
