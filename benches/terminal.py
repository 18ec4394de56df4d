"""A program in a pseudo-terminal of 120×40, for the scripts beside this one."""
import fcntl
import os
import pty
import signal
import struct
import termios


def spawn(command, home):
    """Starts a command with a home of its own: its process and its terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = {"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home,
                       "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        os.execvpe(command[0], command, environment)
    return pid, terminal


def resident(pid):
    """Megabytes of a process and of all that it started."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        own = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return own / 1024 + sum(resident(child) for child in children.read().split())


def end(pid, terminal):
    """Ends the process, and waits until it is gone."""
    os.kill(pid, signal.SIGKILL)
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(terminal)
