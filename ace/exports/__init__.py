"""Stored attempts as rows for programs that change weights: what ace itself never does."""
