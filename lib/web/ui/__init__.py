"""What the pages share: navigation, choosing a dataset, showing errors and charts."""
