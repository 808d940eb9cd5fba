"""The texts of comments, with words marked and masked."""
