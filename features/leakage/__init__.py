"""The parts of the leak guard; `features.leaks` is its public face."""
