"""What is deleted for good: comments past their time, and whole sites."""
