"""Verify a report: make it again from the recipe that it carries, and compare."""
