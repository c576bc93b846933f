"""Endpoints are set up by people; deliveries are made, sent and settled by jobs."""
