"""What the limits on requests add to a warm request."""
