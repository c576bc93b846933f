"""Reading a provider's records: what they are (`records`), how they are found in its JSON (`mapping`), and page after page (`reading`)."""
