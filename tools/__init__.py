"""Small scripts behind the words of the Makefile. Nothing of the hotline imports them."""
