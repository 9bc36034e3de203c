"""What an environment is and how it comes to life: specification, lock, engines."""
