"""The Predict page: pictures to upload and what the model predicts for them."""
