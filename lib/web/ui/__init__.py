"""The pages' parts: navigation, choice of dataset and run, errors, and a folder for each page."""
