"""Records of providers kept in step with ours: runs, cursors, what was read, what a person must look at."""
