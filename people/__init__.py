"""WHO WORKS HERE: persons, their roles, passwords and sign-in sessions."""
