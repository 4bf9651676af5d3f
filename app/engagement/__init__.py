"""What staff owe firms: tasks with an owner and a day, each serving a clause where it comes from a plan."""
