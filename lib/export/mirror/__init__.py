"""Mirror a run into what other tools read: TensorBoard, Weights & Biases, MLflow; for the command line only."""
