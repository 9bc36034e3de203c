"""Questions about one model file: does it load there, what broke it, how does it get there."""
