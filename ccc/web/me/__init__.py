"""The personal page: name, password, second factor, where one is signed in."""
