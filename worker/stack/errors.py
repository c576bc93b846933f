"""What can be wrong with a machine, each with the sentence that says what to do next."""


class StackError(RuntimeError):
    """A part is missing or refused to start; the message names the next step."""
