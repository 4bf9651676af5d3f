"""One box for everything: firms, people, notes, files, clauses, lists, dossiers and indicators, within one's reach."""
