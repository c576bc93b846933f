"""The spine: no Flask, no RQ, no business word."""
