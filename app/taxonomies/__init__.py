"""How firms are classified: towns, industries, clusters, chains, each with its versions, dates and source."""
