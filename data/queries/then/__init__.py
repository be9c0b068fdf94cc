"""What the store knew at an instant: values, sources, matters, warnings, as of then."""
