"""Many pictures at once: where they come from, what is answered shard by shard and kept, and what arrives."""
