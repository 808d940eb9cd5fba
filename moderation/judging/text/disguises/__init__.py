"""The words behind disguises: signs for letters, gaps, masks, hashtags."""
