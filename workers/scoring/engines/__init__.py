"""Weights and the engines that run them."""
