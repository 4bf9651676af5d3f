"""Flask, once: surfaces, guard, session, forms, rendering, errors."""
