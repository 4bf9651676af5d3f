"""People who sign in: users, sessions, invitations."""
