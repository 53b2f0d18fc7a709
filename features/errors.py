"""What a user did wrong, said so that the user can mend it."""


class InputError(Exception):
    """Something the user gave is wrong: the message says where, what, the value and the remedy."""


class NotFoundError(InputError):
    """The user asked for something by a name that nothing here has."""
