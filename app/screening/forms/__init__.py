"""What people may type on the pages of background screening."""
