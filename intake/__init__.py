"""Voice messages that come from elsewhere than the telephone: mini-pages, apps, other PBXs."""
