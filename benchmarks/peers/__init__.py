"""The peers: one file each, written as one would with its library.

Each has a class `Peer` (see `benchmarks.task.Peer`), but `floor`, which has no loop to run.
"""
