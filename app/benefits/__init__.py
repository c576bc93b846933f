"""Plans, rates, eligibility, enrollment, coverage."""
