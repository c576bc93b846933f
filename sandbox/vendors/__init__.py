"""Stand-ins for vendors with an HTTP API, one module each; `core` is what they are made of.

with serving("bamboohr", referee=True) as vendor:
    vendor.fault("status", "/api/v1/employees*", status=429, retry_after="7")
    vendor.url, vendor.rows, vendor.access, vendor.webhooks, vendor.asked("/api/*")
"""
