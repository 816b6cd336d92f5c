"""What a notebook shows: pictures and rows, their captions and alternative texts."""
