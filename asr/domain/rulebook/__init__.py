"""Lists of words and phrases as rule files hold them, and how they are read and searched for."""
