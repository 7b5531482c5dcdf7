"""Hugging Face datasets: Parquet files and class names."""
