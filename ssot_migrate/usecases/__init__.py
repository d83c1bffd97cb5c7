"""What each command does, without parsing options or printing."""
