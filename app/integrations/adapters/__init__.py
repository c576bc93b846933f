"""One folder per provider. The registry lists the folders; no shared file names them."""
