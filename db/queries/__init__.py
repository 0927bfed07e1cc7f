"""Reads, in batches and pages. What answers a viewer takes the viewer and sees only what that viewer may see."""
