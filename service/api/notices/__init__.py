"""The calls for notices that a comment is illegal, and the page for whoever gave one."""
