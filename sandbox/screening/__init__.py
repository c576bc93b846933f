"""Stand-in screening providers: one that speaks as Checkr's API v1 does, and a plain one without keys or signatures."""
