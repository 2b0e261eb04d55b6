"""What every backend of Users must do, by what they are asked."""
