"""Grading: any number of `student.py`, each checked in a process of its own."""
