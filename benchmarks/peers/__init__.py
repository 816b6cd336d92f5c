"""The peers: one file each, written as one would write it with that library.

Each has a class `Peer` (see `benchmarks.task.Peer`), except for `floor` and `profile`. Instead of a
training loop, these have a function `parts` that returns the parts of an update.
"""
