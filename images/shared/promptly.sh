#!/bin/sh
# ballast-promptly PROGRAM [ARGUMENT ...]
# Starts a program that answers people: it is given the processor soon and for short, in slices of 0.2 ms instead of the kernel's 1.4 ms and more, and its children too.
# Who waits for a neighbour that computes then waits that much less; nobody gets more or less in all. Linux 6.12 and later heed it
# (sched_setattr(2), sched_runtime of SCHED_OTHER); elsewhere, or without perl, the program starts as ever.
case "$(uname -m)" in
  x86_64) call=314 ;;
  aarch64) call=274 ;;
  *) exec "$@" ;;
esac
command -v perl >/dev/null 2>&1 || exec "$@"
# size, policy, flags, nice, priority, runtime in nanoseconds, deadline, period
exec perl -e '
  my $call = shift(@ARGV) + 0;
  my $wish = pack("LLQlLQQQ", 48, 0, 0, 0, 0, 200_000, 0, 0);
  eval { syscall($call, 0, $wish, 0) };
  exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n"
' "$call" "$@"
