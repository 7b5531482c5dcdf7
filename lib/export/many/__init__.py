"""Answers for many pictures as files: tables, one-hot, COCO, DeepLabCut; joined of shards, or appended to."""
