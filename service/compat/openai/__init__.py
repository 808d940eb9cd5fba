"""OpenAI's moderation endpoint. Texts only: there is no model for images, and none for some of OpenAI's categories."""
