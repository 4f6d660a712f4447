"""Parts of the property panel that ask the server for more than a form: trying a node, adding an audio, completion."""
