"""The tests. Who looks for rubbish after every few hundred new objects looks, all in all, for a tenth of the time."""

import gc

gc.set_threshold(20_000, 20, 100)
