"""Users, sign-in, MFA, sessions, roles."""
