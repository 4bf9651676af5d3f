"""The whole district over the newest run: whom to phone, what is within reach, who stands close to a threshold."""
