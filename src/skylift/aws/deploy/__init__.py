"""From a graph to AWS: bundles, a template, and the calls that bring it there. Never deployed."""
