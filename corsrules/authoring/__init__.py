"""Towards a `cors.toml`: drafts from other configurations, and repairs of an existing file.

Only what certainly means the same is written; everything else is named with the reason.
"""
