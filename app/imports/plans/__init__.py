"""What the rows of a batch mean and would do: which firm, with which other rows, what changes, what adds up."""
