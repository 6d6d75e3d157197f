"""THE PHONE CONVERSATION: live calls, their scripts, recordings and voice messages."""
