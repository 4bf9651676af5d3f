"""The gap of one firm on the screen: ways, questions, a plan, calculations; and what the office assumes for them."""
