"""Pure decisions of the benefits domain: no database, no clock, no I/O."""
