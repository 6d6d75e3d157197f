"""The listener process: understands live speech for calls, so that whatever goes wrong with it stays out of them."""
