"""Annotation tools and training frameworks: their XML, JSON, CSV and YAML files."""
