"""A template and its bundles, brought to AWS: the only room that calls it."""
