"""The kernel of a notebook: ipykernel's own, which waits for whoever reads its messages.

Otherwise ZeroMQ drops all beyond the first thousand: where the command is stopped for some time
while training goes on, the output of a cell and the news that it has ended would be lost.
"""

from rnn.files.process import heal

if __name__ == "__main__":
    heal()

from typing import Any

import zmq
from ipykernel.kernelapp import IPKernelApp


class Kernel(IPKernelApp):
    """ipykernel's kernel without a limit on the messages that wait."""

    def init_iopub(self, context: zmq.Context[Any]) -> None:
        """Open the socket for output."""
        context.setsockopt(zmq.SNDHWM, 0)
        super().init_iopub(context)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    Kernel.launch_instance()
