"""A believable company to look around in: about 300 employees with families, six plans, two carriers, one user per role."""
