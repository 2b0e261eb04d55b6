"""The topic contract, a file for each of its subjects."""
