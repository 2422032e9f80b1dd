package mac

import "golang.org/x/sys/unix"

// A debugger that is attached already ends the process here (exit code 45), as ptrace(2)
// says; that, and that lldb -p is refused afterwards, must be seen on a Mac.
var steps = []step{noCore, {"debuggers", unix.PtraceDenyAttach}}
