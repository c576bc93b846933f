"""SharePoint: documents in a library, over Microsoft Graph."""
