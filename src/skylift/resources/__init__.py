"""What an author declares and calls."""
