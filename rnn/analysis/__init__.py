"""What can be found out about a book, a network and its text."""
