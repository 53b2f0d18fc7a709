"""What requests send and get back."""
