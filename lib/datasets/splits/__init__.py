"""Train / valid / test splits: plans, stratified assignment and reports."""
