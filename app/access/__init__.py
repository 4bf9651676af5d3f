"""Who may do what: actions, roles and the decision, pure Python."""
