"""Which calls the patterns of a registry mean, and what they prove."""
