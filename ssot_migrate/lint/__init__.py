"""What a rule is, and the view of a project that rules work on."""
