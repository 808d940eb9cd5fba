"""Conversion of official weights to ONNX, once. It imports torch."""
