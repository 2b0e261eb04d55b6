"""What every backend must do, as test classes: a backend is bound to one by a fixture."""
