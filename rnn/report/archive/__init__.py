"""Pack a finished report with all that makes it again, to be deposited."""
