"""What pictures look like to a network: features as a question, the most similar pictures, and a map of all."""
