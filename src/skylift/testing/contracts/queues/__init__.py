"""The contract of queues, a file for each side of it, and the queues it plays with."""
