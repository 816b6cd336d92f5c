"""The author's notes: their sections, images and citations."""
