"""The policy's judgements carried out: on waiting comments, and on decided ones that were scored again."""
