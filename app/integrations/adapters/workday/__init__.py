"""Workday: workers, supervisory organizations and job profiles, over SOAP and REST."""
