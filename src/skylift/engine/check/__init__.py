"""Whether what a request brings fits its type, and everything that is wrong with it."""
