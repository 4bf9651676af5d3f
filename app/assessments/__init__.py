"""Self-assessments (自评): what an edition needs and the bureau does not hold, asked of the firm."""
