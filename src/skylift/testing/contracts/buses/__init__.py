"""The bus contract, a file for each of its subjects."""
