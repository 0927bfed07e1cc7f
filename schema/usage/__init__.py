"""Usage: quotas, summaries, admission."""
