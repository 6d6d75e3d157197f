"""What a message is about: slots with their evidence, and the rules that find them."""
