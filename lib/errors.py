"""What happened and what to do: the one error class for mistakes in a user's data or choice."""


class UserError(Exception):
    """A user's data or choice cannot be used.

    The message is one sentence for the person at the screen: where, what was expected, what was found and
    what to do. Pages show it, the command line prints it and exits with 2. Our own bugs stay builtin
    exceptions and are never turned into this.
    """
