"""Pure decisions of the screening domain: no database, no clock, no I/O. Nothing here is legal advice."""
