"""What several modules of the unseen cases lean on."""
