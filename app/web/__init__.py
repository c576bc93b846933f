"""The shared Flask edge: access, pages, components, security headers, errors."""
