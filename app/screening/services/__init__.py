"""What may be done with candidates, requests and cases; each verb in the module named for its subject."""
