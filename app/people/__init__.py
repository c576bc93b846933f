"""Company, region, department, employee, dependent, import."""
