"""Points and objects of each picture, whatever the form: gathered, asked about, moved and checked."""
