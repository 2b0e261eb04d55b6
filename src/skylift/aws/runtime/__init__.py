"""What a deployed function imports: every import here is paid at its cold start."""
