"""What the cells of notebooks put out, as the few plain kinds that page and PDF know."""
