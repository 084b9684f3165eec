"""How every bin/ program starts: faults become one sentence on stderr and exit code 1."""

import sys
from collections.abc import Callable
from pathlib import Path

from .errors import LauncherError, StepFailed, in_one_sentence

Main = Callable[[Path, list[str]], int]
CHECKOUT = Path(__file__).absolute().parents[2]


def run(main: Main, arguments: list[str]) -> int:
    """Call a program's main function and turn what goes wrong into one sentence."""
    try:
        return main(CHECKOUT, arguments)
    except StepFailed as error:
        if error.output.strip():
            print(error.output.strip()[-4000:], file=sys.stderr)
        trouble: LauncherError = error
    except LauncherError as error:
        trouble = error
    except OSError as error:
        trouble = in_one_sentence(error)
    except KeyboardInterrupt:
        trouble = LauncherError("Stopped.")
    print(f"\n{trouble}" if sys.stderr.isatty() else str(trouble), file=sys.stderr)
    return 1
