"""Where titles come from. Only who makes or extends a deck imports this folder: it has the data."""
