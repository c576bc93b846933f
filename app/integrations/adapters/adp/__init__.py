"""ADP Workforce Now: workers, departments, job titles and leaves."""
