"""Our own outbound webhooks, by Standard Webhooks: who is told what, signed, again until it arrives."""
