"""Pages of the documentation that the program itself knows best."""
