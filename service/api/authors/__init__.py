"""The calls about one author: data, measures, export."""
