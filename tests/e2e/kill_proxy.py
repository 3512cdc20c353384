LIARS = {}
