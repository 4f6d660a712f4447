"""坐席: the people of an instance."""
