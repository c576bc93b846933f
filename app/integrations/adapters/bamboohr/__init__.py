"""BambooHR: employees, departments, positions and time off."""
