"""Where bytes live: a port and its local adapter."""

from kit.storage.file_store import FileStore, LocalFileStore, StoredFile

__all__ = ["FileStore", "LocalFileStore", "StoredFile"]
