"""The API in the shapes of Checkr's v1."""
