"""For those who test: apps without a cloud, and what every backend must do."""
